package org.kerneldna.layers.math;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A depthwise 2d convolution with a given kernel: forward, and the gradients of its input and
 * kernel without running forward again. Kernels are [C, 1, kH, kW]; activations are [N, C, H, W] or
 * [N, H, W, C].
 */
public final class DepthwiseConv2d {

  private final Geometry geometry;

  /**
   * @param conf where kernel size, stride, padding, dilation, convolution mode and data format are
   *     read
   */
  public DepthwiseConv2d(ConvolutionLayer conf) {
    this.geometry = Geometry.of(conf);
  }

  /**
   * The shape of the output for input {@code x}.
   *
   * @throws DL4JInvalidInputException if the kernel is larger than the padded input
   */
  public long[] outputShape(INDArray x) {
    return geometry.outputShape(x);
  }

  /**
   * Computes the convolution.
   *
   * @param bias [C], or null
   * @param out receives the output, see {@link #outputShape}
   */
  public INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    geometry.arithmetic(x).convolveDepthwise(geometry, x, kernel, bias, out);
    return out;
  }

  /**
   * Computes the gradients of input and kernel.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}; null if nobody wants it
   * @param gradKernel receives the gradient of {@code kernel}
   */
  public void backward(
      INDArray x, INDArray kernel, INDArray gradOut, INDArray gradX, INDArray gradKernel) {
    geometry
        .arithmetic(x)
        .convolveDepthwiseBackward(geometry, x, kernel, gradOut, gradX, gradKernel);
  }
}
