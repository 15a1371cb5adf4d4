package org.kerneldna.sweep;

import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.trial.Epoch;

/** Looks on while a sweep is running. */
public interface SweepListener {

  /** An epoch of a candidate is done; called from the thread that trains it. */
  default void epochDone(Started candidate, Epoch epoch) {}

  /** The sweep has begun, or a candidate was started, has finished or has failed. */
  default void changed(History history) {}

  /** This one, then another. */
  default SweepListener and(SweepListener other) {
    SweepListener one = this;
    return new SweepListener() {
      @Override
      public void epochDone(Started candidate, Epoch epoch) {
        one.epochDone(candidate, epoch);
        other.epochDone(candidate, epoch);
      }

      @Override
      public void changed(History history) {
        one.changed(history);
        other.changed(history);
      }
    };
  }
}
