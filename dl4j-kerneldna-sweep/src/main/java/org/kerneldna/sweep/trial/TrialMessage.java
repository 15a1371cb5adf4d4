package org.kerneldna.sweep.trial;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.kerneldna.sweep.trial.TrialMessage.Failure;

/** What a process that trains a candidate tells the one that started it: a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
  @Type(value = Epoch.class, name = "epoch"),
  @Type(value = Cost.class, name = "cost"),
  @Type(value = Failure.class, name = "failure")
})
sealed interface TrialMessage permits Epoch, Cost, Failure {

  /**
   * The candidate cannot be trained.
   *
   * @param reason one line
   */
  record Failure(String reason) implements TrialMessage {}
}
