package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.buffer.DataType;
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

  private static final float[] NOTHING = {0};

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
    long n = x.size(0);
    long c = count(x);
    INDArray in = Ops.contiguous(x);
    if (hasFloatRows(in)) {
      return perSample(floatRows(in).sums(in), in);
    }
    return isFirst(x) ? Ops.sumOfRows(rows(in)).reshape(n, c) : in.reshape(n, -1, c).sum(1);
  }

  /** Sums over samples and positions: [C]. */
  public INDArray sum(INDArray x) {
    INDArray in = Ops.contiguous(x);
    if (hasFloatRows(in)) {
      return overSamples(floatRows(in).sums(in), in);
    }
    return isFirst(in) ? sumPerSample(in).sum(0) : Ops.sumOfColumns(in.reshape(-1, count(in)));
  }

  /**
   * Sums {@code x * y} over the positions of each sample: [N, C].
   *
   * @param scratch an array of the shape of {@code x}, overwritten
   */
  public INDArray sumOfProductsPerSample(INDArray x, INDArray y, INDArray scratch) {
    INDArray a = Ops.contiguous(x);
    INDArray b = Ops.contiguous(y);
    if (hasFloatRows(a, b)) {
      return perSample(floatRows(a).products(a, NOTHING, b, NOTHING), a);
    }
    return sumPerSample(Ops.multiply(a, b, scratch));
  }

  /** Sums {@code x * (y - mean)} over samples and positions: [C], like the above. */
  public INDArray sumOfProducts(INDArray x, INDArray y, INDArray mean, INDArray scratch) {
    INDArray a = Ops.contiguous(x);
    INDArray b = Ops.contiguous(y);
    if (hasFloatRows(a, b)) {
      return overSamples(floatRows(a).products(a, NOTHING, b, floats(mean)), a);
    }
    return sum(Ops.multiply(a, subtract(b, mean, scratch), scratch));
  }

  /** Sums {@code (x - mean)^2} over samples and positions: [C], like the above. */
  public INDArray sumOfSquares(INDArray x, INDArray mean, INDArray scratch) {
    INDArray a = Ops.contiguous(x);
    if (hasFloatRows(a)) {
      float[] shift = floats(mean);
      return overSamples(floatRows(a).products(a, shift, a, shift), a);
    }
    INDArray centred = subtract(a, mean, scratch);
    return sum(Ops.multiply(centred, centred, scratch));
  }

  /**
   * Multiplies the channels of {@code x} by {@code values}, [C] or [N, C].
   *
   * @param out receives the products; it lies in C order, and may be {@code x}
   */
  public INDArray multiply(INDArray x, INDArray values, INDArray out) {
    INDArray in = Ops.contiguous(x);
    if (hasFloatRows(in, out)) {
      floatRows(in).scale(in, floats(values), NOTHING, out);
      return out;
    }
    return broadcast(Ops::multiply, in, values, out);
  }

  /** Adds {@code values} to the channels of {@code x}, like {@link #multiply}. */
  public INDArray add(INDArray x, INDArray values, INDArray out) {
    return broadcast(Ops::add, Ops.contiguous(x), values, out);
  }

  /** Computes {@code out = x * factor + offset}, like {@link #multiply}. */
  public INDArray scale(INDArray x, INDArray factor, INDArray offset, INDArray out) {
    INDArray in = Ops.contiguous(x);
    if (hasFloatRows(in, out)) {
      floatRows(in).scale(in, floats(factor), floats(offset), out);
      return out;
    }
    return add(multiply(in, factor, out), offset, out);
  }

  /**
   * Computes {@code out = x * factorOfX + y * factorOfY + offset}, like {@link #multiply}; {@code
   * out} may not be {@code y}.
   *
   * @param scratch an array of the shape of {@code x}, overwritten; it may be {@code y}
   */
  public INDArray combine(
      INDArray x,
      INDArray factorOfX,
      INDArray y,
      INDArray factorOfY,
      INDArray offset,
      INDArray out,
      INDArray scratch) {
    INDArray a = Ops.contiguous(x);
    INDArray b = Ops.contiguous(y);
    if (hasFloatRows(a, b, out)) {
      floatRows(a).combine(a, floats(factorOfX), b, floats(factorOfY), floats(offset), out);
      return out;
    }
    multiply(a, factorOfX, out);
    return add(Ops.add(out, multiply(b, factorOfY, scratch), out), offset, out);
  }

  private INDArray subtract(INDArray x, INDArray values, INDArray out) {
    return broadcast(Ops::subtract, x, values, out);
  }

  private boolean hasFloatRows(INDArray... arrays) {
    return isFirst(arrays[0]) && FloatRows.suit(arrays);
  }

  private static FloatRows floatRows(INDArray x) {
    return new FloatRows((int) (x.size(0) * x.size(1)), (int) (x.size(2) * x.size(3)));
  }

  private static INDArray perSample(float[] values, INDArray x) {
    return Nd4j.createFromArray(values).reshape(x.size(0), x.size(1));
  }

  private static INDArray overSamples(float[] values, INDArray x) {
    int c = (int) x.size(1);
    double[] sums = new double[c];
    for (int row = 0; row < values.length; row++) {
      sums[row % c] += values[row];
    }
    return Nd4j.createFromArray(sums).castTo(DataType.FLOAT);
  }

  private static float[] floats(INDArray values) {
    return values.reshape(values.length()).toFloatVector();
  }

  @FunctionalInterface
  private interface Operation {
    INDArray apply(INDArray a, INDArray b, INDArray out);
  }

  private INDArray broadcast(Operation operation, INDArray x, INDArray values, INDArray out) {
    long c = count(x);
    if (isFirst(x)) {
      operation.apply(rows(x), perRow(values, x.size(0), c), rows(out));
    } else {
      operation.apply(x, besides(x, values, c), out);
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
  private static INDArray besides(INDArray x, INDArray values, long c) {
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
