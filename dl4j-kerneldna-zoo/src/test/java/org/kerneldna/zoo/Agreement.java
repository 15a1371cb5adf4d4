package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import org.kerneldna.zoo.GoldenCase.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compares arrays with recorded ones by their largest difference, relative to the largest value.
 */
final class Agreement {

  private Agreement() {}

  /**
   * @param tolerance of double precision, where the recorded numbers are rounded to float32
   * @param float32 tolerance of float32; ten times the reference's own error where that is more
   */
  static void assertAgrees(INDArray actual, Tensor expected, double tolerance, double float32) {
    double allowed =
        actual.dataType() == DataType.DOUBLE
            ? tolerance
            : Math.max(float32, 10 * expected.float32Error());
    INDArray wanted = expected.values().castTo(DataType.DOUBLE);
    assertThat(actual.shape()).as("shape of %s", expected.name()).isEqualTo(wanted.shape());
    assertThat(largest(actual.castTo(DataType.DOUBLE).sub(wanted)))
        .as("largest error of %s", expected.name())
        .isLessThanOrEqualTo(allowed * largest(wanted));
  }

  private static double largest(INDArray x) {
    return x.amaxNumber().doubleValue();
  }
}
