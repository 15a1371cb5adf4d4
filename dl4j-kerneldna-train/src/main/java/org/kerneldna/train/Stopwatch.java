package org.kerneldna.train;

import java.time.Duration;

/** Time since its creation. */
final class Stopwatch {

  private final long start = System.nanoTime();

  /** A share of the time so far, in percent. */
  double percent(Duration part) {
    return 100.0 * part.toNanos() / (System.nanoTime() - start);
  }

  double perSecond(long count) {
    return count * 1e9 / (System.nanoTime() - start);
  }
}
