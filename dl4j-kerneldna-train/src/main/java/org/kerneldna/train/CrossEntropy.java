package org.kerneldna.train;

import lombok.experimental.UtilityClass;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Cross-entropy of logits, {@code sum(y * (log(sum(exp(z))) - z))} over the classes, natural
 * logarithm. It is taken of logits, not of probabilities: these are 0 in FLOAT once a logit is 104
 * below another, and so are those inside of ND4J's {@code logSoftmax}.
 */
@UtilityClass
class CrossEntropy {

  /**
   * The sum over all rows, in double precision.
   *
   * @param logits [N, classes], of any floating-point type and any strides
   * @param labels as the logits; one-hot, or shares that add up to 1
   * @return NaN if a logit is NaN or positive infinity
   */
  double sum(INDArray logits, INDArray labels) {
    double[] z = Dense.doubles(logits);
    double[] y = Dense.doubles(labels);
    int classes = (int) logits.size(1);
    double sum = 0;
    for (int row = 0; row < z.length; row += classes) {
      sum += ofRow(z, y, row, row + classes);
    }
    return sum;
  }

  private double ofRow(double[] z, double[] y, int from, int to) {
    double logSum = logSumExp(z, from, to);
    double sum = 0;
    for (int k = from; k < to; k++) {
      // A class of no share adds nothing, even if it is infinitely improbable.
      sum += y[k] == 0 ? 0 : y[k] * (logSum - z[k]);
    }
    return sum;
  }

  /** With the greatest logit taken out no exponential overflows, and one of them is 1. */
  private double logSumExp(double[] z, int from, int to) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = from; k < to; k++) {
      greatest = Math.max(greatest, z[k]);
    }
    double sum = 0;
    for (int k = from; k < to; k++) {
      sum += Math.exp(z[k] - greatest);
    }
    return greatest + Math.log(sum);
  }
}
