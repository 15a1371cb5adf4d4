package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A 2d convolution with a given kernel, by ND4J's native operations: forward, and the gradients of
 * its input and kernel without running forward again. Kernels are [nOut, nIn, kH, kW]; activations
 * are [N, C, H, W] or [N, H, W, C].
 */
public final class Conv2d {

  private static final int KERNEL_IS_OIYX = 1;

  private final ConvolutionLayer conf;
  private final boolean channelsLast;
  private final Dilation dilation;

  /**
   * @param conf where kernel size, stride, padding, dilation, convolution mode and data format are
   *     read
   */
  public Conv2d(ConvolutionLayer conf) {
    this.conf = conf;
    this.channelsLast = conf.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    this.dilation = new Dilation(conf);
  }

  /** The shape of the output for input {@code x}. */
  public long[] outputShape(INDArray x) {
    int heightAxis = channelsLast ? 1 : 2;
    long height = outputSize(x.size(heightAxis), 0);
    long width = outputSize(x.size(heightAxis + 1), 1);
    return channelsLast
        ? new long[] {x.size(0), height, width, conf.getNOut()}
        : new long[] {x.size(0), conf.getNOut(), height, width};
  }

  private long outputSize(long size, int dim) {
    int stride = conf.getStride()[dim];
    if (isSame()) {
      return (size + stride - 1) / stride;
    }
    return (size + 2L * conf.getPadding()[dim] - dilation.extent(dim)) / stride + 1;
  }

  /**
   * Computes the convolution.
   *
   * @param bias [nOut], or null
   * @param out receives the output, see {@link #outputShape}
   */
  public INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray in = Dense.of(x);
    INDArray k = Dense.of(dilation.spread(kernel));
    INDArray y = Dense.target(out);
    int[] s = conf.getStride();
    int[] p = conf.getPadding();
    Ops.exec(
        "conv2d",
        bias == null ? new INDArray[] {in, k} : new INDArray[] {in, k, Dense.of(bias)},
        new INDArray[] {y},
        new int[] {
          dilation.extent(0),
          dilation.extent(1),
          s[0],
          s[1],
          p[0],
          p[1],
          1,
          1,
          same(),
          layout(),
          KERNEL_IS_OIYX
        });
    return Dense.deliver(y, out);
  }

  /**
   * Computes the gradients of input and kernel.
   *
   * <p>This runs as a 3d convolution of depth 1, which is the same arithmetic: for 3x3 kernels
   * oneDNN picks Winograd for the kernel's gradient in 2d, up to ten times slower than its direct
   * algorithm on the wide, small feature maps of a network's last stages, and ND4J's operation
   * leaves no say in it.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   * @param gradKernel receives the gradient of {@code kernel}
   */
  public void backward(
      INDArray x, INDArray kernel, INDArray gradOut, INDArray gradX, INDArray gradKernel) {
    INDArray spread = Dense.of(dilation.spread(kernel));
    INDArray gradIn = Dense.target(gradX);
    INDArray gradSpread = dilation.isDilated() ? Dense.like(spread) : Dense.target(gradKernel);
    int[] s = conf.getStride();
    int[] p = conf.getPadding();
    Ops.exec(
        "conv3dnew_bp",
        new INDArray[] {
          withDepth(Dense.of(x)), kernelWithDepth(spread), withDepth(Dense.of(gradOut))
        },
        new INDArray[] {withDepth(gradIn), kernelWithDepth(gradSpread)},
        new int[] {
          1,
          dilation.extent(0),
          dilation.extent(1),
          1,
          s[0],
          s[1],
          0,
          p[0],
          p[1],
          1,
          1,
          1,
          same(),
          layout(),
          KERNEL_IS_OIYX
        });
    Dense.deliver(gradIn, gradX);
    Dense.deliver(dilation.taps(gradSpread), gradKernel);
  }

  private INDArray withDepth(INDArray x) {
    return channelsLast
        ? x.reshape('c', x.size(0), 1, x.size(1), x.size(2), x.size(3))
        : x.reshape('c', x.size(0), x.size(1), 1, x.size(2), x.size(3));
  }

  private static INDArray kernelWithDepth(INDArray kernel) {
    return kernel.reshape('c', kernel.size(0), kernel.size(1), 1, kernel.size(2), kernel.size(3));
  }

  private boolean isSame() {
    return conf.getConvolutionMode() == ConvolutionMode.Same;
  }

  private int same() {
    return isSame() ? 1 : 0;
  }

  private int layout() {
    return channelsLast ? 1 : 0;
  }
}
