package org.kerneldna.torch;

import java.util.OptionalInt;

/** Numbers of files that count something, such as epochs and batches. */
public final class Counts {

  private Counts() {}

  /** The number as an int, if it is a count: whole, and from 0 to 2^31 - 1. */
  public static OptionalInt of(Number number) {
    double value = number.doubleValue();
    return value >= 0 && value <= Integer.MAX_VALUE && value == Math.rint(value)
        ? OptionalInt.of((int) value)
        : OptionalInt.empty();
  }
}
