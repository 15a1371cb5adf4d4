package org.kerneldna.sweep;

/** Counts the seconds for which a sweep has been running, interruptions left out. */
final class SweepClock {

  private final double before;
  private final long start = System.nanoTime();

  /**
   * @param before seconds for which it had been running
   */
  SweepClock(double before) {
    this.before = before;
  }

  double seconds() {
    return before + (System.nanoTime() - start) / 1e9;
  }
}
