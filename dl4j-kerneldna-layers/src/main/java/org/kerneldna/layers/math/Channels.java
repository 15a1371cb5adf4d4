package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arithmetic along the channels of activations, in either layout: sums over the spatial positions,
 * and numbers per channel applied to all of them. Activations are [N, C, H, W] or [N, H, W, C]; [N,
 * C] counts as one position.
 *
 * <p>Where channels come first, all of it runs on the rows of [N * C, H * W]: floats on the
 * processor by {@link FloatRows}; else sums as a product with a column of ones, and a column of
 * numbers broadcast over the rows, which are three to five times as fast as ND4J's reductions and
 * its broadcasts of [1, C, 1, 1].
 */
public record Channels(CNN2DFormat format) {

  /** The offset, or shift, that changes nothing; this very array saves ND4J a pass over memory. */
  static final double[] NO_OFFSET = {0};

  /** The factor that changes nothing, likewise. */
  private static final double[] NO_FACTOR = {1};

  /** The index of the channel dimension of {@code x}. */
  public int axis(INDArray x) {
    return x.rank() == 2 || format == CNN2DFormat.NCHW ? 1 : 3;
  }

  /** How many channels {@code x} has. */
  public long count(INDArray x) {
    return x.size(axis(x));
  }

  /** How many numbers each channel of {@code x} has: N * H * W. */
  public long samples(INDArray x) {
    return x.length() / count(x);
  }

  /** Sums over the positions of each sample: [N, C]. */
  public INDArray sumPerSample(INDArray x) {
    if (x.rank() == 2) {
      return x;
    }
    INDArray in = Dense.of(x);
    long n = x.size(0);
    long c = count(x);
    if (hasFloatRows(in)) {
      return perSample(floatRows(in).sums(in), in);
    }
    return isFirst(x) ? Ops.sumOfRows(rows(in)).reshape(n, c) : in.reshape(n, -1, c).sum(1);
  }

  /** Sums {@code x * y} over the positions of each sample: [N, C]. */
  public INDArray sumOfProductsPerSample(INDArray x, INDArray y) {
    INDArray a = Dense.of(x);
    INDArray b = Dense.of(y);
    return hasFloatRows(a, b)
        ? perSample(floatRows(a).products(a, NO_OFFSET, b, NO_OFFSET), a)
        : sumPerSample(Ops.multiply(a, b, Dense.like(a)));
  }

  /** Sums over samples and positions: [C]. */
  public double[] sum(INDArray x) {
    INDArray in = Dense.of(x);
    return hasFloatRows(in)
        ? overSamples(floatRows(in).sums(in), in)
        : Numbers.of(
            isFirst(in) ? sumPerSample(in).sum(0) : Ops.sumOfColumns(in.reshape(-1, count(in))));
  }

  /** Sums over samples and positions into {@code out}, of as many numbers as there are channels. */
  public void sum(INDArray x, INDArray out) {
    Numbers.set(out, sum(x));
  }

  /** Sums {@code x * y} over samples and positions into {@code out}, like {@link #sum}. */
  public void sumOfProducts(INDArray x, INDArray y, INDArray out) {
    Numbers.set(out, sumOfProducts(x, y, NO_OFFSET));
  }

  /** Sums {@code x * (y - shiftOfY)} over samples and positions; shifts are [C]. */
  double[] sumOfProducts(INDArray x, INDArray y, double[] shiftOfY) {
    INDArray a = Dense.of(x);
    INDArray b = Dense.of(y);
    if (hasFloatRows(a, b)) {
      return overSamples(floatRows(a).products(a, NO_OFFSET, b, shiftOfY), a);
    }
    INDArray shifted = shiftOfY == NO_OFFSET ? b : subtract(b, shiftOfY);
    return sum(Ops.multiply(a, shifted, Dense.like(a)));
  }

  /** Sums {@code (x - shift)^2} over samples and positions. */
  double[] sumOfSquares(INDArray x, double[] shift) {
    INDArray a = Dense.of(x);
    if (hasFloatRows(a)) {
      return overSamples(floatRows(a).products(a, shift, a, shift), a);
    }
    INDArray centred = subtract(a, shift);
    return sum(Ops.multiply(centred, centred, centred));
  }

  /**
   * Multiplies the channels of {@code x} by {@code values}, [C] or [N, C].
   *
   * @param out receives the products; may be {@code x}
   */
  public INDArray multiply(INDArray x, INDArray values, INDArray out) {
    return scale(x, Numbers.of(values), NO_OFFSET, out);
  }

  /** Adds {@code values} to the channels of {@code x}, like {@link #multiply}. */
  public INDArray add(INDArray x, INDArray values, INDArray out) {
    return scale(x, NO_FACTOR, Numbers.of(values), out);
  }

  /** Computes {@code out = x * factor + offset}, like {@link #multiply}. */
  public INDArray scale(INDArray x, INDArray factor, INDArray offset, INDArray out) {
    return scale(x, Numbers.of(factor), Numbers.of(offset), out);
  }

  /** As {@link #scale(INDArray, INDArray, INDArray, INDArray)}. */
  INDArray scale(INDArray x, double[] factor, double[] offset, INDArray out) {
    INDArray in = Dense.of(x);
    INDArray y = Dense.target(out);
    if (hasFloatRows(in, y)) {
      floatRows(in).scale(in, factor, offset, y);
      return Dense.deliver(y, out);
    }
    INDArray scaled = factor == NO_FACTOR ? in : broadcast(Ops::multiply, in, factor, y);
    return Dense.deliver(
        offset == NO_OFFSET ? scaled : broadcast(Ops::add, scaled, offset, y), out);
  }

  /**
   * Computes {@code out = x * factorOfX + y * factorOfY + offset}, like {@link #multiply}; {@code
   * out} may not be {@code y}.
   */
  INDArray combine(
      INDArray x,
      double[] factorOfX,
      INDArray y,
      double[] factorOfY,
      double[] offset,
      INDArray out) {
    INDArray a = Dense.of(x);
    INDArray b = Dense.of(y);
    INDArray sum = Dense.target(out);
    if (hasFloatRows(a, b, sum)) {
      floatRows(a).combine(a, factorOfX, b, factorOfY, offset, sum);
      return Dense.deliver(sum, out);
    }
    scale(a, factorOfX, offset, sum);
    Ops.add(sum, broadcast(Ops::multiply, b, factorOfY, Dense.like(b)), sum);
    return Dense.deliver(sum, out);
  }

  private INDArray subtract(INDArray x, double[] shift) {
    return broadcast(Ops::subtract, x, shift, Dense.like(x));
  }

  private boolean hasFloatRows(INDArray... arrays) {
    return axis(arrays[0]) == 1 && FloatRows.suit(arrays);
  }

  private static FloatRows floatRows(INDArray x) {
    long rows = x.size(0) * x.size(1);
    return new FloatRows((int) rows, (int) (x.length() / rows));
  }

  private static INDArray perSample(double[] values, INDArray x) {
    INDArray out = Nd4j.createUninitialized(x.dataType(), x.size(0), x.size(1));
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

  @FunctionalInterface
  private interface Operation {
    INDArray apply(INDArray a, INDArray b, INDArray out);
  }

  private INDArray broadcast(Operation operation, INDArray x, double[] values, INDArray out) {
    INDArray b = Nd4j.createFromArray(values).castTo(x.dataType());
    if (isFirst(x)) {
      operation.apply(rows(x), perRow(b, x.size(0), count(x)), rows(out));
    } else {
      operation.apply(x, besides(b, x), out);
    }
    return out;
  }

  private boolean isFirst(INDArray x) {
    return x.rank() == 4 && format == CNN2DFormat.NCHW;
  }

  /** A view [N * C, H * W]. */
  private INDArray rows(INDArray x) {
    return x.reshape('c', true, x.size(0) * x.size(1), x.size(2) * x.size(3));
  }

  /** The values in a shape that broadcasts over {@code x}, whose channels are last. */
  private INDArray besides(INDArray values, INDArray x) {
    long c = count(x);
    long n = values.length() / c;
    return x.rank() == 2 ? values.reshape(n, c) : values.reshape(n, 1, 1, c);
  }

  /** A number for each row. */
  private static INDArray perRow(INDArray values, long n, long c) {
    if (values.length() == n * c) {
      return values.reshape(n * c, 1);
    }
    INDArray repeated = Nd4j.createUninitialized(values.dataType(), n, c);
    Ops.multiply(values.reshape(1, c), Nd4j.ones(values.dataType(), n, 1), repeated);
    return repeated.reshape(n * c, 1);
  }
}
