package org.kerneldna.layers.math;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A 2d convolution with a given kernel: forward, and the gradients of its input and kernel without
 * running forward again. Kernels are [nOut, nIn, kH, kW] or, one for each sample, [N, nOut, nIn,
 * kH, kW]; those of a depthwise convolution are [C, 1, kH, kW]. Activations are [N, C, H, W] or [N,
 * H, W, C].
 */
public final class Conv2d {

  private final Geometry geometry;
  private final boolean depthwise;

  /**
   * @param conf kernel size, stride, padding, dilation, convolution mode and data format
   * @param depthwise whether each channel is convolved with a kernel of its own
   */
  public Conv2d(ConvolutionLayer conf, boolean depthwise) {
    this.geometry = Geometry.of(conf);
    this.depthwise = depthwise;
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
   * @param bias [nOut], or null
   * @param out receives the output, see {@link #outputShape}
   */
  public INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    Arithmetic arithmetic = geometry.arithmetic(x);
    if (isPerSample(kernel)) {
      for (long n = 0; n < x.size(0); n++) {
        forward(sample(x, n), kernel.slice(n), bias, sample(out, n));
      }
    } else if (depthwise) {
      arithmetic.convolveDepthwise(geometry, x, kernel, bias, out);
    } else {
      arithmetic.convolve(geometry, x, kernel, bias, out);
    }
    return out;
  }

  /**
   * Computes the gradients of input and kernel.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}; null if it is not wanted
   * @param gradKernel receives the gradient of {@code kernel}
   */
  public void backward(
      INDArray x, INDArray kernel, INDArray gradOut, INDArray gradX, INDArray gradKernel) {
    Arithmetic arithmetic = geometry.arithmetic(x);
    if (isPerSample(kernel)) {
      for (long n = 0; n < x.size(0); n++) {
        backward(
            sample(x, n),
            kernel.slice(n),
            sample(gradOut, n),
            gradX == null ? null : sample(gradX, n),
            gradKernel.slice(n));
      }
    } else if (depthwise) {
      arithmetic.convolveDepthwiseBackward(geometry, x, kernel, gradOut, gradX, gradKernel);
    } else {
      arithmetic.convolveBackward(geometry, x, kernel, gradOut, gradX, gradKernel);
    }
  }

  /** Whether a kernel is one for each sample. */
  public static boolean isPerSample(INDArray kernel) {
    return kernel.rank() == 5;
  }

  /** One of the activations, as a batch of one. */
  private static INDArray sample(INDArray x, long n) {
    return x.get(NDArrayIndex.interval(n, n + 1), all(), all(), all());
  }
}
