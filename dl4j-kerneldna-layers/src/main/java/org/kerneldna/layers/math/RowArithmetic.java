package org.kerneldna.layers.math;

import org.kerneldna.layers.math.FloatRows.RowMoments;
import org.kerneldna.layers.math.FloatRows.RowSums;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.math.Normalization.Parameters;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Arithmetic} for floats on the processor with the channels first: on the rows of [N * C, H
 * * W] by {@link FloatRows}, reading each array once.
 */
final class RowArithmetic extends ProcessorArithmetic {

  static final Arithmetic INSTANCE = new RowArithmetic();

  private RowArithmetic() {
    super(1);
  }

  @Override
  public INDArray sumPerSample(INDArray x) {
    return x.rank() == 2 ? x : perSample(rows(x).sums(x), x);
  }

  @Override
  public INDArray sumOfProductsPerSample(INDArray x, INDArray y) {
    return perSample(rows(x).products(x, y), x);
  }

  @Override
  public double[] sum(INDArray x) {
    return overSamples(rows(x).sums(x), x);
  }

  @Override
  public double[] sumOfProducts(INDArray x, INDArray y) {
    return overSamples(rows(x).products(x, y), x);
  }

  @Override
  public void scale(INDArray x, INDArray factor, INDArray offset, INDArray out) {
    rows(x).scale(x, numbers(factor, 1), numbers(offset, 0), out);
  }

  /** Those of each row, in one pass, and from them those of the channels (Chan et al., 1979). */
  @Override
  public Moments moments(INDArray x) {
    FloatRows rows = rows(x);
    RowMoments ofRows = rows.moments(x);
    double samples = (double) x.length() / x.size(1);
    double[] mean = overSamples(ofRows.sums(), x);
    for (int c = 0; c < mean.length; c++) {
      mean[c] /= samples;
    }
    double[] squares = ofRows.squares();
    for (int row = 0; row < squares.length; row++) {
      double beside = ofRows.sums()[row] / rows.columns() - mean[row % mean.length];
      squares[row] += rows.columns() * beside * beside;
    }
    double[] variance = overSamples(squares, x);
    for (int c = 0; c < variance.length; c++) {
      variance[c] /= samples;
    }
    return new Moments(mean, variance);
  }

  @Override
  public void normalize(INDArray x, Parameters p, Rectifier after, INDArray out) {
    if (after == null) {
      rows(x).scale(x, p.scale(), p.offset(), out);
    } else {
      rows(x).rectified(x, p.scale(), p.offset(), after.limit(), out);
    }
  }

  /** In two passes, one for sums and one for the gradient of {@code x}. */
  @Override
  public void normalizeBackward(
      INDArray x,
      Parameters p,
      Rectifier after,
      boolean ofBatch,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    FloatRows rows = rows(x);
    FloatRows.Mask mask =
        after == null ? null : new FloatRows.Mask(p.scale(), p.offset(), after.limit());
    double[] mean = p.moments().mean();
    RowSums sums = rows.gradientSums(gradOut, x, mean, mask);
    double[] offset = overSamples(sums.plain(), x);
    double[] slope = overSamples(sums.weighted(), x);
    p.setGradients(offset, slope, gradGamma, gradBeta);
    p.toGradientOfMoments(
        offset, slope, ofBatch ? (double) x.length() / x.size(1) : Double.POSITIVE_INFINITY);
    rows.gradient(gradOut, p.scale(), x, mean, slope, offset, mask, gradX);
  }

  @Override
  public void momentumStep(
      INDArray v, INDArray gradient, double momentum, boolean nesterov, double learningRate) {
    if (FloatRows.suit(v)) {
      new FloatRows((int) v.length(), 1)
          .momentumStep(v, gradient, (float) momentum, nesterov, (float) learningRate);
    } else {
      super.momentumStep(v, gradient, momentum, nesterov, learningRate);
    }
  }

  private static FloatRows rows(INDArray x) {
    long rows = x.size(0) * x.size(1);
    return new FloatRows((int) rows, (int) (x.length() / rows));
  }

  private static double[] numbers(INDArray numbers, double otherwise) {
    return numbers == null ? new double[] {otherwise} : Numbers.of(numbers);
  }

  private static INDArray perSample(double[] values, INDArray x) {
    INDArray out = Nd4j.createUninitialized(DataType.FLOAT, x.size(0), x.size(1));
    Numbers.set(out, values);
    return out;
  }

  private static double[] overSamples(double[] values, INDArray x) {
    double[] sums = new double[(int) x.size(1)];
    for (int row = 0; row < values.length; row++) {
      sums[row % sums.length] += values[row];
    }
    return sums;
  }
}
