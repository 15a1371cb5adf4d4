package org.kerneldna.layers.adapt;

import java.util.Arrays;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The static modulation that turns a parent's kernel W into one as close as possible to a given
 * kernel T: the s and f of least {@code |T - W * (1 + s) * (1 + f)|²}.
 *
 * <p>With a = 1 + s, b = 1 + f, {@code P = sum T * W} and {@code Q = sum W * W} over the input
 * channels, that is {@code |T|² - 2 sum(P a b) + sum(Q a² b²)}: quadratic in a for fixed b and in b
 * for fixed a. Alternating between the two never raises it. From a = b = 1 it converges to a local
 * minimum, which need not be the least of all.
 *
 * @param spatial s [1, 1, kH, kW], of mean square of 1 + s equal to 1, as only the product with 1 +
 *     f counts; null for a 1x1 kernel, whose f does it all
 * @param filter f [nOut, 1, 1, 1]
 * @param relativeError {@code |T - W * (1 + s) * (1 + f)| / |T|}; 0 if T is 0
 */
record ModulationFit(INDArray spatial, INDArray filter, double relativeError) {

  private static final int MOST_ROUNDS = 1000;
  private static final double CONVERGED = 1e-12;

  /** Fits kernels [nOut, nIn, kH, kW] of one shape. */
  static ModulationFit of(INDArray target, INDArray parent) {
    long[] shape = parent.shape();
    INDArray t = target.castTo(DataType.DOUBLE).dup('c').reshape(shape[0], shape[1], -1);
    INDArray w = parent.castTo(DataType.DOUBLE).dup('c').reshape(shape[0], shape[1], -1);
    double[][] p = t.mul(w).sum(1).toDoubleMatrix();
    double[][] q = w.mul(w).sum(1).toDoubleMatrix();
    double[] a = new double[p[0].length];
    Arrays.fill(a, 1);
    double[] b = new double[p.length];
    Arrays.fill(b, 1);
    alternate(p, q, a, b);

    INDArray spatial = Nd4j.createFromArray(a).reshape(1, 1, shape[2], shape[3]).sub(1);
    INDArray filter = Nd4j.createFromArray(b).reshape(shape[0], 1, 1, 1).sub(1);
    INDArray fitted =
        StaticModulation.forward(
            w.reshape(shape), spatial, filter, Nd4j.create(t.dataType(), shape));
    double norm = t.norm2Number().doubleValue();
    double error = norm == 0 ? 0 : t.reshape(shape).distance2(fitted) / norm;
    return new ModulationFit(a.length == 1 ? null : spatial, filter, error);
  }

  private static void alternate(double[][] p, double[][] q, double[] a, double[] b) {
    double[][] pOfPositions = transpose(p);
    double[][] qOfPositions = transpose(q);
    solve(p, q, a, b);
    double gain = gain(p, a, b);
    for (int round = 0; a.length > 1 && round < MOST_ROUNDS; round++) {
      solve(pOfPositions, qOfPositions, b, a);
      normalize(a);
      solve(p, q, a, b);
      double before = gain;
      gain = gain(p, a, b);
      if (gain - before <= CONVERGED * gain) {
        return;
      }
    }
  }

  /** Sets each {@code y} to the best for given {@code x}; where it does not matter it stays. */
  private static void solve(double[][] p, double[][] q, double[] x, double[] y) {
    for (int i = 0; i < y.length; i++) {
      double numerator = 0;
      double denominator = 0;
      for (int j = 0; j < x.length; j++) {
        numerator += p[i][j] * x[j];
        denominator += q[i][j] * x[j] * x[j];
      }
      if (denominator > 0) {
        y[i] = numerator / denominator;
      }
    }
  }

  /** By how much the fit lowers {@code |T|²}, where {@code b} is the best for {@code a}. */
  private static double gain(double[][] p, double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      for (int j = 0; j < a.length; j++) {
        sum += p[i][j] * a[j] * b[i];
      }
    }
    return sum;
  }

  /** Scales to mean square 1 and, with the sign that makes the sum positive, to one of the two. */
  private static void normalize(double[] a) {
    double square = Arrays.stream(a).map(x -> x * x).sum();
    if (square > 0) {
      double scale = Math.sqrt(a.length / square) * (Arrays.stream(a).sum() < 0 ? -1 : 1);
      Arrays.setAll(a, i -> a[i] * scale);
    }
  }

  private static double[][] transpose(double[][] m) {
    double[][] transposed = new double[m[0].length][m.length];
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < m[0].length; j++) {
        transposed[j][i] = m[i][j];
      }
    }
    return transposed;
  }
}
