package org.kerneldna.train.demo;

import java.util.stream.DoubleStream;
import lombok.experimental.UtilityClass;

/** The middle of several measurements, which a disturbed one does not move. */
@UtilityClass
class Median {

  double of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
