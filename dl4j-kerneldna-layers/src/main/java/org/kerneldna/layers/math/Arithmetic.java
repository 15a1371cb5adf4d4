package org.kerneldna.layers.math;

import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.math.Normalization.Parameters;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What layers compute, in the way that is fastest where it runs. {@link Nd4jArithmetic ND4J's own
 * operations} serve any backend and type; for floats on the processor {@link ProcessorArithmetic}
 * and, with channels first, {@link RowArithmetic} have faster ways.
 *
 * <p>Activations are [N, C], [N, C, H, W] or [N, H, W, C]. Arrays are {@link Dense#operand
 * operands}, except where a method says otherwise. Numbers per channel are few, and are Java's;
 * activations never leave the backend's memory.
 */
interface Arithmetic {

  /**
   * The one for arrays like {@code x}.
   *
   * @param axis the dimension that the channels are in
   */
  static Arithmetic of(INDArray x, int axis) {
    if (!ProcessorArithmetic.suits(x.dataType())) {
      return new Nd4jArithmetic(axis);
    }
    return axis == 1 && FloatRows.suit(x) ? RowArithmetic.INSTANCE : new ProcessorArithmetic(axis);
  }

  /** Sums over the positions of each sample: [N, C]. */
  INDArray sumPerSample(INDArray x);

  /** Sums {@code x * y} over the positions of each sample: [N, C]. */
  INDArray sumOfProductsPerSample(INDArray x, INDArray y);

  /** Sums over samples and positions: [C]. */
  double[] sum(INDArray x);

  /** Sums {@code x * y} over samples and positions: [C]. */
  double[] sumOfProducts(INDArray x, INDArray y);

  /**
   * Computes {@code out = x * factor + offset}; {@code out} may be {@code x}.
   *
   * @param factor [C] or [N, C], or null for 1
   * @param offset [C] or [N, C], or null for 0
   */
  void scale(INDArray x, INDArray factor, INDArray offset, INDArray out);

  /** Mean and biased variance over samples and positions. */
  Moments moments(INDArray x);

  /**
   * Normalises {@code x} into {@code out}.
   *
   * @param after what follows, or null
   */
  void normalize(INDArray x, Parameters p, Rectifier after, INDArray out);

  /**
   * The gradients of {@link #normalize}.
   *
   * @param ofBatch whether the moments are those of {@code x}
   * @param gradGamma receives the gradient of gamma, in any type, dense or not
   * @param gradBeta receives the gradient of beta, likewise
   */
  void normalizeBackward(
      INDArray x,
      Parameters p,
      Rectifier after,
      boolean ofBatch,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta);

  /** Computes {@code gradX = gradOut} where {@code function} is open at {@code x}, and 0 else. */
  void rectifyBackward(Rectifier function, INDArray x, INDArray gradOut, INDArray gradX);

  /**
   * Convolves into {@code out}. Arrays are of any type, dense or not.
   *
   * @param kernel [nOut, nIn, kH, kW]
   * @param bias [nOut], or null
   */
  void convolve(Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out);

  /**
   * The gradients of {@link #convolve}.
   *
   * @param gradX null if it is not wanted
   */
  void convolveBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel);

  /**
   * Convolves each channel by itself, like {@link #convolve}.
   *
   * @param kernel [C, 1, kH, kW]
   */
  void convolveDepthwise(Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out);

  /**
   * The gradients of {@link #convolveDepthwise}.
   *
   * @param gradX null if it is not wanted
   */
  void convolveDepthwiseBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel);

  /**
   * Computes {@code v = momentum * v + gradient}, and then the step {@code learningRate * v}, or
   * {@code learningRate * (gradient + momentum * v)} with {@code nesterov}. Arrays are of any type.
   *
   * @param gradient receives the step
   */
  void momentumStep(
      INDArray v, INDArray gradient, double momentum, boolean nesterov, double learningRate);
}
