package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arithmetic along the channels of activations, in either layout: sums over the spatial positions,
 * and numbers per channel applied to all of them. Activations are [N, C, H, W] or [N, H, W, C]; [N,
 * C] counts as one position. Sums of HALF and BFLOAT16 are taken in FLOAT.
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

  /** What computes on {@code x}, an {@link Dense#operand operand}. */
  Arithmetic arithmetic(INDArray x) {
    return Arithmetic.of(x, axis(x));
  }

  /** Sums over the positions of each sample: [N, C], in FLOAT for a narrower {@code x}. */
  public INDArray sumPerSample(INDArray x) {
    INDArray in = Dense.operand(x);
    return arithmetic(in).sumPerSample(in);
  }

  /** Sums {@code x * y} over the positions of each sample, like {@link #sumPerSample}. */
  public INDArray sumOfProductsPerSample(INDArray x, INDArray y) {
    INDArray in = Dense.operand(x);
    return arithmetic(in).sumOfProductsPerSample(in, Dense.operand(y));
  }

  /** Sums over samples and positions: [C]. */
  public double[] sum(INDArray x) {
    INDArray in = Dense.operand(x);
    return arithmetic(in).sum(in);
  }

  /** Sums over samples and positions into {@code out}, of as many numbers as there are channels. */
  public void sum(INDArray x, INDArray out) {
    Numbers.set(out, sum(x));
  }

  /** Sums {@code x * y} over samples and positions into {@code out}, like {@link #sum}. */
  public void sumOfProducts(INDArray x, INDArray y, INDArray out) {
    INDArray in = Dense.operand(x);
    Numbers.set(out, arithmetic(in).sumOfProducts(in, Dense.operand(y)));
  }

  /**
   * Multiplies the channels of {@code x} by {@code values}, [C] or [N, C].
   *
   * @param out receives the products; may be {@code x}
   */
  public INDArray multiply(INDArray x, INDArray values, INDArray out) {
    return scale(x, values, null, out);
  }

  /** Adds {@code values} to the channels of {@code x}, like {@link #multiply}. */
  public INDArray add(INDArray x, INDArray values, INDArray out) {
    return scale(x, null, values, out);
  }

  /** Computes {@code out = x * factor + offset}, like {@link #multiply}. */
  public INDArray scale(INDArray x, INDArray factor, INDArray offset, INDArray out) {
    INDArray in = Dense.operand(x);
    INDArray y = Dense.result(out);
    arithmetic(in).scale(in, factor, offset, y);
    return Dense.deliver(y, out);
  }
}
