package org.kerneldna.graph.read;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.graph.Window;

/** The windows of DL4J's configurations. */
public final class Windows {

  private Windows() {}

  /** How the kernel of a convolution moves. */
  public static Window of(ConvolutionLayer conf) {
    return of(
        conf.getConvolutionMode(),
        conf.getKernelSize(),
        conf.getStride(),
        conf.getDilation(),
        conf.getPadding());
  }

  /** How a kernel of such sizes, of height and width each, moves. */
  public static Window of(
      ConvolutionMode mode, int[] kernel, int[] stride, int[] dilation, int... padding) {
    return mode == ConvolutionMode.Same
        ? Window.same(longs(kernel), longs(stride), longs(dilation))
        : Window.padded(longs(kernel), longs(stride), longs(dilation), longs(padding));
  }

  private static long[] longs(int... values) {
    return Arrays.stream(values).asLongStream().toArray();
  }
}
