package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arithmetic along the channels of activations, in either layout: sums over the spatial positions,
 * and numbers per channel applied to all of them. Activations are [N, C, H, W] or [N, H, W, C]; [N,
 * C] counts as one position.
 *
 * <p>Where channels come first, all of it runs on the rows of [N * C, H * W]: sums as a product
 * with a column of ones, and a column of numbers broadcast over the rows, which are three to five
 * times as fast as ND4J's reductions and its broadcasts of [1, C, 1, 1].
 */
public record Channels(CNN2DFormat format) {

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
    return isFirst(x)
        ? Ops.sumOfRows(rows(Ops.contiguous(x))).reshape(n, c)
        : Ops.contiguous(x).reshape(n, -1, c).sum(1);
  }

  /** Sums over samples and positions: [C]. */
  public INDArray sum(INDArray x) {
    return isFirst(x)
        ? sumPerSample(x).sum(0)
        : Ops.sumOfColumns(Ops.contiguous(x).reshape(-1, count(x)));
  }

  /**
   * Multiplies the channels of {@code x} by {@code values}, [C] or [N, C].
   *
   * @param out receives the products; it lies in C order, and may be {@code x}
   */
  public INDArray multiply(INDArray x, INDArray values, INDArray out) {
    return broadcast(Ops::multiply, x, values, out);
  }

  /** Adds {@code values} to the channels of {@code x}, like {@link #multiply}. */
  public INDArray add(INDArray x, INDArray values, INDArray out) {
    return broadcast(Ops::add, x, values, out);
  }

  /** Subtracts {@code values} from the channels of {@code x}, like {@link #multiply}. */
  public INDArray subtract(INDArray x, INDArray values, INDArray out) {
    return broadcast(Ops::subtract, x, values, out);
  }

  @FunctionalInterface
  private interface Operation {
    INDArray apply(INDArray a, INDArray b, INDArray out);
  }

  private INDArray broadcast(Operation operation, INDArray x, INDArray values, INDArray out) {
    long c = count(x);
    if (isFirst(x)) {
      operation.apply(rows(Ops.contiguous(x)), perRow(values, x.size(0), c), rows(out));
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
