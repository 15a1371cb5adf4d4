package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce3.Dot;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arithmetic along the channels of activations, in either layout: sums over the spatial positions,
 * and numbers per channel in a shape that broadcasts. Activations are [N, C, H, W] or [N, H, W, C];
 * [N, C] counts as one position.
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
    return format == CNN2DFormat.NCHW
        ? Ops.contiguous(x).reshape(n * c, -1).sum(1).reshape(n, c)
        : Ops.contiguous(x).reshape(n, -1, c).sum(1);
  }

  /** Sums of {@code x * y} over the positions of each sample: [N, C]. */
  public INDArray dotPerSample(INDArray x, INDArray y) {
    if (x.rank() == 2) {
      return x.mul(y);
    }
    long n = x.size(0);
    long c = count(x);
    if (format == CNN2DFormat.NHWC) {
      return Ops.contiguous(x.mul(y)).reshape(n, -1, c).sum(1);
    }
    INDArray rowsOfX = Ops.contiguous(x).reshape(n * c, -1);
    INDArray rowsOfY = Ops.contiguous(y).reshape(n * c, -1);
    INDArray sums = Nd4j.createUninitialized(x.dataType(), n * c);
    return Nd4j.getExecutioner().exec(new Dot(rowsOfX, rowsOfY, sums, 1)).reshape(n, c);
  }

  /** Sums over samples and positions: [C]. */
  public INDArray sum(INDArray x) {
    return sumPerSample(x).sum(0);
  }

  /** Sums of {@code x * y} over samples and positions: [C]. */
  public INDArray dot(INDArray x, INDArray y) {
    return dotPerSample(x, y).sum(0);
  }

  /** Adds {@code values} [C] to the channels of {@code x}, into {@code out}. */
  public INDArray add(INDArray x, INDArray values, INDArray out) {
    return Ops.add(x, broadcastable(values, x), out);
  }

  /** {@code values}, [C] or [N, C], in a shape that broadcasts over {@code x}. */
  public INDArray broadcastable(INDArray values, INDArray x) {
    long n = values.rank() == 2 ? values.size(0) : 1;
    long c = count(x);
    if (x.rank() == 2) {
      return values.reshape(n, c);
    }
    return format == CNN2DFormat.NCHW ? values.reshape(n, c, 1, 1) : values.reshape(n, 1, 1, c);
  }
}
