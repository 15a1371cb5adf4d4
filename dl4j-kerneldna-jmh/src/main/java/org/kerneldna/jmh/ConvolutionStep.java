package org.kerneldna.jmh;

import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.math.Conv2d;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A 3x3 convolution that keeps the shape of its input. */
final class ConvolutionStep {

  private static final int SIZE = 3;

  private final Conv2d convolution;
  private final INDArray out;
  private final INDArray gradX;
  private final INDArray gradKernel;

  /**
   * @param x activations of the shape that it takes
   */
  ConvolutionStep(INDArray x) {
    long channels = x.size(1);
    this.convolution =
        new Conv2d(
            new Convolution.Builder(SIZE, SIZE).padding(1, 1).nIn(channels).nOut(channels).build(),
            false);
    this.out = x.ulike();
    this.gradX = x.ulike();
    this.gradKernel = kernel(x);
  }

  /** A random kernel for it, [nOut, nIn, kH, kW]. */
  static INDArray kernel(INDArray x) {
    return Operation.random(x.size(1), x.size(1), SIZE, SIZE);
  }

  INDArray forward(INDArray x, INDArray kernel) {
    return convolution.forward(x, kernel, null, out);
  }

  /** The gradient of the input; that of the kernel is computed with it. */
  INDArray backward(INDArray x, INDArray kernel, INDArray gradOut) {
    convolution.backward(x, kernel, gradOut, gradX, gradKernel);
    return gradX;
  }

  /** What the last {@link #backward} computed. */
  INDArray gradKernel() {
    return gradKernel;
  }
}
