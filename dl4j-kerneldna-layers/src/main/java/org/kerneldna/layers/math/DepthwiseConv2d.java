package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A depthwise 2d convolution with a given kernel, by ND4J's native operations: forward, and the
 * gradients of its input and kernel without running forward again. Kernels are [C, 1, kH, kW];
 * activations are [N, C, H, W] or [N, H, W, C].
 *
 * <p>oneDNN brings activations into a layout of its own, in buffers that it allocates for every
 * call, and faulting the pages of large ones in costs up to ten times the convolution. So a batch
 * goes through it a few samples at a time, whose buffers the allocator has at hand. Only forward
 * with the channels last needs no buffers.
 */
public final class DepthwiseConv2d {

  private static final long BYTES_AT_A_TIME = 4L << 20;

  private final ConvolutionLayer conf;
  private final boolean channelsLast;
  private final Dilation dilation;

  /**
   * @param conf where kernel size, stride, padding, dilation, convolution mode and data format are
   *     read
   */
  public DepthwiseConv2d(ConvolutionLayer conf) {
    this.conf = conf;
    this.channelsLast = conf.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    this.dilation = new Dilation(conf);
  }

  /** The shape of the output for input {@code x}. */
  public long[] outputShape(INDArray x) {
    return new Conv2d(conf).outputShape(x);
  }

  /**
   * Computes the convolution.
   *
   * @param bias [C], or null
   * @param out receives the output, see {@link #outputShape}
   */
  public INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray in = Dense.of(x);
    INDArray k = positionsFirst(Dense.of(dilation.spread(kernel)));
    INDArray y = Dense.target(out);
    long samples = x.size(0);
    long step = channelsLast ? samples : samplesAtATime(x);
    for (long from = 0; from < samples; from += step) {
      INDArray part = samples(in, from, step);
      Ops.exec(
          "depthwise_conv2d",
          bias == null ? new INDArray[] {part, k} : new INDArray[] {part, k, Dense.of(bias)},
          new INDArray[] {samples(y, from, step)},
          arguments());
    }
    return Dense.deliver(y, out);
  }

  /**
   * Computes the gradients of input and kernel.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   * @param gradKernel receives the gradient of {@code kernel}
   */
  public void backward(
      INDArray x, INDArray kernel, INDArray gradOut, INDArray gradX, INDArray gradKernel) {
    INDArray in = Dense.of(x);
    INDArray gradY = Dense.of(gradOut);
    INDArray spread = Dense.of(dilation.spread(kernel));
    INDArray gradSpread = Dense.like(spread);
    INDArray gradIn = Dense.target(gradX);
    gradKernel.assign(0);
    long samples = x.size(0);
    long step = samplesAtATime(x);
    for (long from = 0; from < samples; from += step) {
      Ops.exec(
          "depthwise_conv2d_bp",
          new INDArray[] {
            samples(in, from, step), positionsFirst(spread), samples(gradY, from, step)
          },
          new INDArray[] {samples(gradIn, from, step), positionsFirst(gradSpread)},
          arguments());
      gradKernel.addi(dilation.taps(gradSpread));
    }
    Dense.deliver(gradIn, gradX);
  }

  private int[] arguments() {
    int[] s = conf.getStride();
    int[] p = conf.getPadding();
    int same = conf.getConvolutionMode() == ConvolutionMode.Same ? 1 : 0;
    return new int[] {
      dilation.extent(0),
      dilation.extent(1),
      s[0],
      s[1],
      p[0],
      p[1],
      1,
      1,
      same,
      channelsLast ? 1 : 0
    };
  }

  private static long samplesAtATime(INDArray x) {
    long bytesPerSample = x.length() / x.size(0) * x.dataType().width();
    return Nd4j.getEnvironment().isCPU()
        ? Math.max(1, BYTES_AT_A_TIME / bytesPerSample)
        : x.size(0);
  }

  private static INDArray samples(INDArray x, long from, long count) {
    long to = Math.min(from + count, x.size(0));
    return x.get(
        NDArrayIndex.interval(from, to),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  /** A view of the kernel as ND4J takes it: [kH, kW, C, 1]. */
  private static INDArray positionsFirst(INDArray kernel) {
    return kernel.permute(2, 3, 0, 1);
  }
}
