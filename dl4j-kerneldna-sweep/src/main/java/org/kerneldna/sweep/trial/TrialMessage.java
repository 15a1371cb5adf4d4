package org.kerneldna.sweep.trial;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.kerneldna.sweep.trial.TrialMessage.EpochDone;
import org.kerneldna.sweep.trial.TrialMessage.Failure;
import org.kerneldna.sweep.trial.TrialMessage.Trained;

/** What a process that trains a candidate tells the one that started it: a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
  @Type(value = EpochDone.class, name = "epoch_done"),
  @Type(value = Trained.class, name = "trained"),
  @Type(value = Failure.class, name = "failure")
})
sealed interface TrialMessage {

  /** An epoch is done. */
  record EpochDone(Epoch epoch) implements TrialMessage {}

  /** All epochs are done. */
  record Trained(Cost cost) implements TrialMessage {}

  /**
   * The candidate cannot be trained.
   *
   * @param reason one line
   */
  record Failure(String reason) implements TrialMessage {}
}
