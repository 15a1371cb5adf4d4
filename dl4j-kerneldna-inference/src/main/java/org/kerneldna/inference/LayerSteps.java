package org.kerneldna.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.kerneldna.inference.Step.Activate;
import org.kerneldna.inference.Step.Affine;
import org.kerneldna.inference.Step.ChannelNorm;
import org.kerneldna.inference.Step.Conv;
import org.kerneldna.inference.Step.Gate;
import org.kerneldna.inference.Step.GlobalPool;
import org.kerneldna.inference.Step.Linear;
import org.kerneldna.inference.Step.MaxPool;
import org.kerneldna.inference.Step.Softmax;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.kerneldna.layers.math.Geometry;
import org.kerneldna.layers.params.GateParameters;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The steps of one layer: none for one that does nothing at inference. */
@RequiredArgsConstructor
final class LayerSteps {

  /** The dimensions of height and width in [N, C, H, W], and in [N, H, W, C]. */
  private static final int[] POSITIONS = {2, 3};

  private static final int[] POSITIONS_FIRST = {1, 2};

  private static final Set<Class<?>> CONVOLUTIONS =
      Set.of(
          ConvolutionLayer.class,
          Convolution2D.class,
          Convolution.class,
          DepthwiseConvolution.class,
          KernelDNAConvolution.class);

  private final String name;
  private final String input;
  private final Layer layer;

  /** A copy of a parameter, FLOAT. */
  static INDArray parameter(Layer layer, String key) {
    INDArray stored = layer.getParam(key);
    return Nd4j.createUninitialized(DataType.FLOAT, stored.shape(), 'c').assign(stored);
  }

  /** The kernel that a child derives from {@code parent}. */
  static INDArray modulated(INDArray parent, Layer child) {
    return StaticModulation.forward(
        parent,
        optional(child, KernelDNAConvolution.SPATIAL),
        optional(child, KernelDNAConvolution.FILTER),
        parent.ulike());
  }

  /** A convolution with a given kernel; bias null is 0. */
  static Conv convolution(
      String name, String input, ConvolutionLayer conf, INDArray kernel, INDArray bias) {
    return new Conv(
        name,
        input,
        Geometry.of(conf).spread(kernel),
        bias == null ? Nd4j.zeros(DataType.FLOAT, kernel.size(0)) : vector(bias),
        conf.getStride(),
        conf.getPadding(),
        conf.getConvolutionMode() == ConvolutionMode.Same,
        conf instanceof DepthwiseConvolution,
        null,
        Nonlinearity.IDENTITY);
  }

  /** The steps; nothing where there are none of that kind. */
  Optional<List<Step>> of(org.deeplearning4j.nn.conf.layers.Layer conf) {
    if (conf instanceof DropoutLayer || conf instanceof DropPath) {
      return Optional.of(List.of());
    }
    if (conf instanceof ActivationLayer activation) {
      return ending(List.of(), activation.getActivationFn());
    }
    if (CONVOLUTIONS.contains(conf.getClass())) {
      ConvolutionLayer convolution = (ConvolutionLayer) conf;
      return ending(convolution(convolution), convolution.getActivationFn());
    }
    if (conf instanceof DenseLayer dense && !dense.hasLayerNorm()) {
      return ending(linear(dense.hasBias()), dense.getActivationFn());
    }
    if (conf instanceof OutputLayer output) {
      return ending(linear(output.hasBias()), output.getActivationFn());
    }
    if (conf instanceof LossLayer loss) {
      return ending(List.of(), loss.getActivationFn());
    }
    return single(conf).map(List::of);
  }

  /** Layers of one step. */
  private Optional<Step> single(org.deeplearning4j.nn.conf.layers.Layer conf) {
    if (conf instanceof BatchNorm norm) {
      return Optional.of(
          normalization(
              parameter(layer, BatchNorm.GAMMA),
              parameter(layer, BatchNorm.BETA),
              parameter(layer, BatchNorm.MEAN),
              parameter(layer, BatchNorm.VARIANCE),
              norm.getEps()));
    }
    if (conf instanceof BatchNormalization norm) {
      return Optional.of(normalization(norm));
    }
    if (conf instanceof ChannelLayerNorm norm) {
      return Optional.of(
          new ChannelNorm(
              name,
              input,
              parameter(layer, ChannelLayerNorm.GAMMA),
              parameter(layer, ChannelLayerNorm.BETA),
              norm.getEps()));
    }
    if (conf instanceof LayerScale) {
      INDArray gamma = parameter(layer, LayerScale.GAMMA);
      return Optional.of(new Affine(name, input, gamma, gamma.like()));
    }
    if (conf instanceof ChannelBias) {
      INDArray bias = vector(parameter(layer, KernelDNAConvolution.BIAS));
      return Optional.of(new Affine(name, input, Nd4j.onesLike(bias), bias));
    }
    if (conf instanceof SqueezeExcitation) {
      return Optional.of(gate(name));
    }
    if (conf instanceof SubsamplingLayer pooling && isPlainMax(pooling)) {
      return Optional.of(
          new MaxPool(
              name, input, pooling.getKernelSize(), pooling.getStride(), pooling.getPadding()));
    }
    return conf instanceof GlobalPoolingLayer pooling && isPlainMean(pooling)
        ? Optional.of(new GlobalPool(name, input))
        : Optional.empty();
  }

  private static boolean isPlainMax(SubsamplingLayer pooling) {
    return pooling.getPoolingType() == PoolingType.MAX
        && pooling.getConvolutionMode() == ConvolutionMode.Truncate
        && pooling.getDilation()[0] == 1
        && pooling.getDilation()[1] == 1;
  }

  private static boolean isPlainMean(GlobalPoolingLayer pooling) {
    int[] dimensions = pooling.getPoolingDimensions();
    return pooling.getPoolingType() == PoolingType.AVG
        && pooling.isCollapseDimensions()
        && (Arrays.equals(dimensions, POSITIONS) || Arrays.equals(dimensions, POSITIONS_FIRST));
  }

  /** The steps, then the activation function; nothing if we have not got that. */
  private Optional<List<Step>> ending(List<Step> steps, IActivation activation) {
    List<Step> all = new ArrayList<>(steps);
    String last = steps.isEmpty() ? input : steps.get(steps.size() - 1).name();
    if (activation instanceof ActivationSoftmax) {
      all.add(new Softmax(name, last));
      return Optional.of(all);
    }
    return Nonlinearity.of(activation)
        .map(
            act -> {
              if (act != Nonlinearity.IDENTITY) {
                all.add(new Activate(name, last, act));
              } else if (!all.isEmpty()) {
                all.add(renamed(all.remove(all.size() - 1)));
              }
              return all;
            });
  }

  /** The last step of the layer goes by the layer's name. */
  private Step renamed(Step last) {
    return last instanceof Conv conv ? conv.named(name) : ((Linear) last).named(name);
  }

  private List<Step> convolution(ConvolutionLayer conf) {
    INDArray kernel = parameter(layer, KernelDNAConvolution.KERNEL);
    INDArray bias = conf.hasBias() ? parameter(layer, KernelDNAConvolution.BIAS) : null;
    String linear = name + ":linear";
    if (!(conf instanceof KernelDNAConvolution dynamic)) {
      return List.of(convolution(linear, input, conf, kernel, bias));
    }
    INDArray derived = modulated(kernel, layer);
    if (!dynamic.hasGate()) {
      return List.of(convolution(linear, input, conf, derived, bias));
    }
    String gated = name + ":gate";
    return List.of(gate(gated), convolution(linear, gated, conf, derived, bias));
  }

  private List<Step> linear(boolean hasBias) {
    INDArray weight = parameter(layer, DefaultParamInitializer.WEIGHT_KEY).transpose().dup('c');
    INDArray bias =
        hasBias
            ? vector(parameter(layer, DefaultParamInitializer.BIAS_KEY))
            : Nd4j.zeros(DataType.FLOAT, weight.size(0));
    return List.of(new Linear(name + ":linear", input, weight, bias, Nonlinearity.IDENTITY));
  }

  private Gate gate(String as) {
    Affine norm =
        normalization(
            parameter(layer, GateParameters.GAMMA),
            parameter(layer, GateParameters.BETA),
            parameter(layer, GateParameters.MEAN),
            parameter(layer, GateParameters.VARIANCE),
            org.kerneldna.layers.dynamic.Gate.EPS);
    INDArray w1 = parameter(layer, GateParameters.W1);
    return new Gate(
        as,
        input,
        w1.mulColumnVector(norm.scale().reshape(norm.scale().length(), 1)),
        norm.shift(),
        parameter(layer, GateParameters.W2),
        vector(parameter(layer, GateParameters.B2)));
  }

  private Affine normalization(BatchNormalization conf) {
    long channels = conf.getNOut();
    INDArray mean = parameter(layer, BatchNormalizationParamInitializer.GLOBAL_MEAN);
    INDArray variance =
        conf.isUseLogStd()
            ? Transforms.pow(
                Nd4j.valueArrayOf(new long[] {1, channels}, 10f),
                parameter(layer, BatchNormalizationParamInitializer.GLOBAL_LOG_STD).mul(2))
            : parameter(layer, BatchNormalizationParamInitializer.GLOBAL_VAR);
    boolean locked = conf.isLockGammaBeta();
    INDArray gamma =
        locked
            ? Nd4j.valueArrayOf(new long[] {channels}, conf.getGamma(), DataType.FLOAT)
            : parameter(layer, BatchNormalizationParamInitializer.GAMMA);
    INDArray beta =
        locked
            ? Nd4j.valueArrayOf(new long[] {channels}, conf.getBeta(), DataType.FLOAT)
            : parameter(layer, BatchNormalizationParamInitializer.BETA);
    return normalization(gamma, beta, mean, variance, conf.getEps());
  }

  private Affine normalization(
      INDArray gamma, INDArray beta, INDArray mean, INDArray variance, double eps) {
    INDArray scale = vector(gamma).div(Transforms.sqrt(vector(variance).add(eps), false));
    return new Affine(name, input, scale, vector(beta).sub(vector(mean).mul(scale)));
  }

  private static INDArray optional(Layer layer, String key) {
    return layer.paramTable().containsKey(key) ? parameter(layer, key) : null;
  }

  private static INDArray vector(INDArray values) {
    return values.reshape(values.length());
  }
}
