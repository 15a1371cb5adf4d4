package org.kerneldna.layers.math;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A 2d convolution with a given kernel: forward, and the gradients of its input and kernel without
 * running forward again. Kernels are [nOut, nIn, kH, kW] or, one for each sample, [N, nOut, nIn,
 * kH, kW]; activations are [N, C, H, W] or [N, H, W, C].
 */
public final class Conv2d {

  private final Geometry geometry;

  /**
   * @param conf where kernel size, stride, padding, dilation, convolution mode and data format are
   *     read
   */
  public Conv2d(ConvolutionLayer conf) {
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
   * @param bias [nOut], or null
   * @param out receives the output, see {@link #outputShape}
   */
  public INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    if (isPerSample(kernel)) {
      for (long n = 0; n < x.size(0); n++) {
        forward(sample(x, n), kernel.slice(n), bias, sample(out, n));
      }
    } else {
      geometry.arithmetic(x).convolve(geometry, x, kernel, bias, out);
    }
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
    if (isPerSample(kernel)) {
      for (long n = 0; n < x.size(0); n++) {
        backward(
            sample(x, n),
            kernel.slice(n),
            sample(gradOut, n),
            gradX == null ? null : sample(gradX, n),
            gradKernel.slice(n));
      }
    } else {
      geometry.arithmetic(x).convolveBackward(geometry, x, kernel, gradOut, gradX, gradKernel);
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
