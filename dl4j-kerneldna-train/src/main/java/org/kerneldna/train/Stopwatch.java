package org.kerneldna.train;

/** Time since its creation. */
final class Stopwatch {

  private final long start = System.nanoTime();

  double perSecond(long count) {
    return count * 1e9 / (System.nanoTime() - start);
  }
}
