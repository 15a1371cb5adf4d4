package org.kerneldna.sweep.trial;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.kerneldna.sweep.trial.WorkerMessage.Alive;
import org.kerneldna.sweep.trial.WorkerMessage.EpochDone;
import org.kerneldna.sweep.trial.WorkerMessage.Failure;
import org.kerneldna.sweep.trial.WorkerMessage.Trained;

/** What a process that trains candidates tells the one that started it: a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
  @Type(value = Alive.class, name = "alive"),
  @Type(value = EpochDone.class, name = "epoch_done"),
  @Type(value = Trained.class, name = "trained"),
  @Type(value = Failure.class, name = "failure")
})
sealed interface WorkerMessage {

  /** A step is done; not every one is told of. */
  record Alive() implements WorkerMessage {}

  /** An epoch is done. */
  record EpochDone(Epoch epoch) implements WorkerMessage {}

  /** All epochs are done. */
  record Trained(Cost cost) implements WorkerMessage {}

  /**
   * The candidate cannot be trained.
   *
   * @param reason one line
   */
  record Failure(String reason) implements WorkerMessage {}
}
