package org.kerneldna.sweep.journal;

import java.util.List;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;

/**
 * A candidate, and what is known of it.
 *
 * @param number from 0, in the order in which candidates were drawn
 * @param epochs that it has been given so far
 * @param top1 by epoch done, percent; while it is trained, those of before
 * @param cost null until it has been trained
 * @param reason why it failed, else null
 * @param running whether it is being trained, or was when the sweep was interrupted
 * @param seconds of the sweep when this was so
 */
public record Candidate(
    int number,
    Settings settings,
    int epochs,
    List<Double> top1,
    Cost cost,
    String reason,
    boolean running,
    double seconds) {

  /** What has become of it. */
  public enum Status {
    RUNNING,
    /** Trained to the end of its recipe. */
    FINISHED,
    /** Trained in part; others of its rung were better. */
    STOPPED,
    FAILED
  }

  /** What has become of it. */
  public Status status() {
    if (running) {
      return Status.RUNNING;
    }
    if (reason != null) {
      return Status.FAILED;
    }
    return top1.size() < settings.epochs() ? Status.STOPPED : Status.FINISHED;
  }

  /** The best top-1 of all epochs, percent; NaN if there is none or it failed. */
  public double score() {
    return reason != null ? Double.NaN : scoreAfter(top1.size());
  }

  /** The best top-1 of the first {@code epochs}, percent; NaN if there is none. */
  public double scoreAfter(int epochs) {
    return top1.stream().limit(epochs).mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }

  /** Whether it has a score. */
  public boolean isScored() {
    return reason == null && !top1.isEmpty();
  }

  static Candidate of(Event.Started event, Candidate before) {
    return new Candidate(
        event.candidate(),
        event.settings(),
        event.epochs(),
        before == null ? List.of() : before.top1,
        before == null ? null : before.cost,
        null,
        true,
        event.seconds());
  }

  Candidate finished(Event.Finished event) {
    return new Candidate(
        number, settings, epochs, event.top1(), event.cost(), null, false, event.seconds());
  }

  Candidate failed(Event.Failed event) {
    return new Candidate(
        number, settings, epochs, top1, cost, event.reason(), false, event.seconds());
  }
}
