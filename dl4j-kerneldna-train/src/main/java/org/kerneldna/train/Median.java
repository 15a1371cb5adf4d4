package org.kerneldna.train;

import java.util.stream.DoubleStream;
import lombok.experimental.UtilityClass;

/** The middle of several measurements, which a disturbed one does not move. */
@UtilityClass
public class Median {

  /** The middle value, or the mean of the two middle ones; there is at least one. */
  public double of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
