package org.kerneldna.layers.samediff;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.params.GateParameters;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/**
 * What a {@link KernelDNAConvolution} computes, in SameDiff: the yardstick to which the native path
 * is held.
 */
public final class KernelDNADefinition {

  private final SameDiff sd;
  private final KernelDNAConvolution conf;
  private final Map<String, SDVariable> params;

  private KernelDNADefinition(
      SameDiff sd, KernelDNAConvolution conf, Map<String, SDVariable> params) {
    this.sd = sd;
    this.conf = conf;
    this.params = params;
  }

  /**
   * Defines the layer.
   *
   * @param x input [N, nIn, H, W], or channels last as {@code conf} says
   * @param params the layer's parameters by key; the kernel {@code W} may be a parent's
   * @param batchStatistics whether the gate's normalisation uses the statistics of the batch, as in
   *     training, or the running ones
   * @return output [N, nOut, H', W'], or channels last
   */
  public static SDVariable define(
      SameDiff sd,
      KernelDNAConvolution conf,
      SDVariable x,
      Map<String, SDVariable> params,
      boolean batchStatistics) {
    KernelDNADefinition layer = new KernelDNADefinition(sd, conf, params);
    SDVariable routed = conf.hasGate() ? x.mul(layer.gate(x, batchStatistics)) : x;
    return layer.activate(layer.convolve(routed, layer.childKernel()));
  }

  /** {@code W * (1 + s) * (1 + f)}. */
  private SDVariable childKernel() {
    SDVariable kernel = params.get(KernelDNAConvolution.KERNEL);
    if (conf.isSpatialModulation()) {
      kernel = kernel.mul(params.get(KernelDNAConvolution.SPATIAL).add(1));
    }
    if (conf.isFilterModulation()) {
      kernel = kernel.mul(params.get(KernelDNAConvolution.FILTER).add(1));
    }
    return kernel;
  }

  /** {@code sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)}, in a shape that broadcasts over x. */
  private SDVariable gate(SDVariable x, boolean batchStatistics) {
    SDVariable pooled = isChannelsLast() ? x.mean(1, 2) : x.mean(2, 3);
    SDVariable hidden = linear(pooled, GateParameters.W1);
    SDVariable normalised =
        standardise(hidden, batchStatistics)
            .mul(params.get(GateParameters.GAMMA))
            .add(params.get(GateParameters.BETA));
    SDVariable logits =
        linear(sd.nn.relu(normalised, 0), GateParameters.W2).add(params.get(GateParameters.B2));
    SDVariable gate = sd.nn.sigmoid(logits);
    return isChannelsLast()
        ? sd.expandDims(sd.expandDims(gate, 1), 1)
        : sd.expandDims(sd.expandDims(gate, 2), 3);
  }

  private SDVariable standardise(SDVariable hidden, boolean batchStatistics) {
    if (batchStatistics) {
      SDVariable centred = hidden.sub(hidden.mean(0));
      SDVariable variance = sd.math.square(centred).mean(0);
      return centred.mul(inverseStd(variance));
    }
    return hidden
        .sub(params.get(GateParameters.MEAN))
        .mul(inverseStd(params.get(GateParameters.VARIANCE)));
  }

  /** Multiplied with, not divided by: SameDiff's gradient of a divisor of one element is wrong. */
  private SDVariable inverseStd(SDVariable variance) {
    return sd.math.reciprocal(sd.math.sqrt(variance.add(Gate.EPS)));
  }

  private SDVariable linear(SDVariable x, String weights) {
    return sd.mmul(x, sd.permute(params.get(weights), 1, 0));
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
        ? sd.cnn.conv2d(x, yxio, params.get(KernelDNAConvolution.BIAS), geometry)
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
