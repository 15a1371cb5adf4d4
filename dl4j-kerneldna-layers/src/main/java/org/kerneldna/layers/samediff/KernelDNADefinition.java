package org.kerneldna.layers.samediff;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.kerneldna.layers.DynamicConvolution;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/**
 * What a {@link DynamicConvolution} with one kernel for all samples computes, in SameDiff: the
 * yardstick to which the native path is held.
 */
public final class KernelDNADefinition {

  private final SameDiff sd;
  private final DynamicConvolution conf;
  private final Map<String, SDVariable> params;

  private KernelDNADefinition(
      SameDiff sd, DynamicConvolution conf, Map<String, SDVariable> params) {
    this.sd = sd;
    this.conf = conf;
    this.params = params;
  }

  /**
   * Defines the layer.
   *
   * @param x input [N, nIn, H, W], or channels last as {@code conf} says
   * @param params the layer's parameters by key; the kernel {@code W} may be a parent's
   * @param batchStatistics whether normalisations use the statistics of the batch, as in training,
   *     or the running ones
   * @return output [N, nOut, H', W'], or channels last
   */
  public static SDVariable define(
      SameDiff sd,
      DynamicConvolution conf,
      SDVariable x,
      Map<String, SDVariable> params,
      boolean batchStatistics) {
    SDVariable routed = conf.routing().define(x, params, batchStatistics);
    SDVariable kernel =
        conf.derivation()
            .define(params.get(DynamicConvolution.KERNEL), routed, params, batchStatistics);
    KernelDNADefinition layer = new KernelDNADefinition(sd, conf, params);
    return layer.activate(layer.convolve(routed, kernel));
  }

  /** With the kernel as [kH, kW, nIn, nOut]: SameDiff cannot differentiate the other layouts. */
  private SDVariable convolve(SDVariable x, SDVariable kernel) {
    int[] k = conf.getKernelSize();
    int[] s = conf.getStride();
    int[] p = conf.getPadding();
    int[] d = conf.getDilation();
    Conv2DConfig geometry =
        Conv2DConfig.builder()
            .kH(k[0])
            .kW(k[1])
            .sH(s[0])
            .sW(s[1])
            .pH(p[0])
            .pW(p[1])
            .dH(d[0])
            .dW(d[1])
            .paddingMode(
                conf.getConvolutionMode() == ConvolutionMode.Same
                    ? PaddingMode.SAME
                    : PaddingMode.VALID)
            .dataFormat(isChannelsLast() ? Conv2DConfig.NHWC : Conv2DConfig.NCHW)
            .weightsFormat(WeightsFormat.YXIO)
            .build();
    SDVariable yxio = sd.permute(kernel, 2, 3, 1, 0);
    return conf.hasBias()
        ? sd.cnn.conv2d(x, yxio, params.get(DynamicConvolution.BIAS), geometry)
        : sd.cnn.conv2d(x, yxio, geometry);
  }

  private SDVariable activate(SDVariable z) {
    IActivation activation = conf.getActivationFn();
    return Arrays.stream(Activation.values())
        .filter(a -> isFor(a, activation))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No SameDiff definition of " + activation))
        .asSameDiff(sd, z);
  }

  private static boolean isFor(Activation a, IActivation activation) {
    return a.getActivationFunction().getClass() == activation.getClass();
  }

  private boolean isChannelsLast() {
    return conf.getCnn2dDataFormat() == CNN2DFormat.NHWC;
  }
}
