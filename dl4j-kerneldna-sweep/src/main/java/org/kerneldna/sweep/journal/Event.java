package org.kerneldna.sweep.journal;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.journal.Event.Failed;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Opened;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;

/** Something that happened in a sweep. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @Type(value = Opened.class, name = "opened"),
  @Type(value = Started.class, name = "started"),
  @Type(value = Finished.class, name = "finished"),
  @Type(value = Failed.class, name = "failed")
})
public sealed interface Event {

  /** Seconds for which the sweep had been running, interruptions not counted. */
  double seconds();

  /** The sweep began, or went on. */
  record Opened(SweepConfig config, double seconds) implements Event {}

  /**
   * A candidate began to be trained, or to be trained further.
   *
   * @param candidate its number, from 0
   * @param epochs that it shall have done then
   */
  record Started(int candidate, Settings settings, int epochs, double seconds) implements Event {}

  /**
   * A candidate has done those epochs.
   *
   * @param top1 by epoch, percent
   */
  record Finished(int candidate, List<Double> top1, Cost cost, double seconds) implements Event {}

  /**
   * A candidate could not be trained.
   *
   * @param reason one line
   */
  record Failed(int candidate, String reason, double seconds) implements Event {}
}
