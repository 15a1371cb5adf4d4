package org.kerneldna.layers.read;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.read.Array;
import org.kerneldna.graph.read.Readers;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.graph.read.Windows;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.ChannelwiseLayer;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.Gelu;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.ParentKernel;
import org.kerneldna.layers.Relu;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.params.GateParameters;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Says in the language of graphs what the layers of this library compute. */
public final class LayerReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(Convolution.class, (conf, r) -> convolution(conf, 1, r))
        .add(DepthwiseConvolution.class, (conf, r) -> convolution(conf, conf.getNOut(), r))
        .add(KernelDNAConvolution.class, LayerReaders::dynamic)
        .add(SharedConvolution.class, LayerReaders::shared)
        .add(
            ParentKernel.class,
            (conf, r) -> r.gives(parameter(KernelDNAConvolution.KERNEL, conf, r)))
        .add(
            ChildKernel.class,
            (conf, r) ->
                r.gives(
                    modulated(
                        r.plain(0),
                        conf.isSpatialModulation(),
                        conf.isFilterModulation(),
                        conf,
                        r)))
        .add(
            SqueezeExcitation.class,
            (conf, r) -> {
              CNN2DFormat format = conf.getDataFormat();
              r.gives(gated(r.images(0, format), conf, conf.isFrozenStatistics(), r), format);
            })
        .add(BatchNorm.class, LayerReaders::batchNorm)
        .add(ChannelLayerNorm.class, LayerReaders::layerNorm)
        .add(LayerScale.class, LayerReaders::layerScale)
        .add(ChannelBias.class, LayerReaders::channelBias)
        .add(DropPath.class, (conf, r) -> same(new Dropout(1 - conf.getRate(), true), r))
        .add(Relu.class, (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(
            Gelu.class,
            (conf, r) -> same(new Activate(Nonlinearity.of(Nonlinearity.Function.GELU)), r));
  }

  private static void convolution(ConvolutionLayer conf, long groups, Reading r) {
    int[] k = conf.getKernelSize();
    String kernel =
        r.parameter(
            KernelDNAConvolution.KERNEL, conf.getNOut(), conf.getNIn() / groups, k[0], k[1]);
    convolution(conf, r.images(0, conf.getCnn2dDataFormat()), kernel, groups, r);
  }

  private static void dynamic(KernelDNAConvolution conf, Reading r) {
    String x = r.images(0, conf.getCnn2dDataFormat());
    String routed = conf.hasGate() ? gated(x, conf, conf.isFrozenStatistics(), r) : x;
    String kernel =
        modulated(
            parameter(KernelDNAConvolution.KERNEL, conf, r),
            conf.isSpatialModulation(),
            conf.isFilterModulation(),
            conf,
            r);
    convolution(conf, routed, kernel, 1, r);
  }

  /** A convolution, its bias and its activation function. */
  private static void convolution(
      ConvolutionLayer conf, String x, String kernel, long groups, Reading r) {
    List<String> inputs = new ArrayList<>(List.of(x, kernel));
    if (conf.hasBias()) {
      inputs.add(r.parameter(KernelDNAConvolution.BIAS, conf.getNOut()));
    }
    String out =
        r.add(
            "conv",
            new Operation.Convolution(Windows.of(conf), groups, conf.hasBias()),
            inputs.toArray(String[]::new));
    CNN2DFormat format = conf.getCnn2dDataFormat();
    r.gives(r.activated(out, format, conf.getActivationFn()), format);
  }

  private static void shared(SharedConvolution vertex, Reading r) {
    ConvolutionLayer conf = vertex.getGeometry();
    CNN2DFormat format = conf.getCnn2dDataFormat();
    Operation convolution = new Operation.Convolution(Windows.of(conf), 1, false);
    r.gives(r.add("conv", convolution, r.images(0, format), r.plain(1)), format);
  }

  /** {@code kernel * (1 + s) * (1 + f)}. */
  private static String modulated(
      String kernel, boolean spatial, boolean filter, Parametrized conf, Reading r) {
    String derived = kernel;
    if (spatial) {
      derived = modulated(derived, KernelDNAConvolution.SPATIAL, conf, r);
    }
    return filter ? modulated(derived, KernelDNAConvolution.FILTER, conf, r) : derived;
  }

  private static String modulated(String kernel, String key, Parametrized conf, Reading r) {
    String factor =
        r.add(key + "1", new Activate(Nonlinearity.linear(1, 1)), parameter(key, conf, r));
    return r.add("modulated-" + key, new Arithmetic(Arithmetic.Kind.MULTIPLY), kernel, factor);
  }

  /** {@code x * sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)}. */
  private static String gated(String x, Parametrized conf, boolean frozenStatistics, Reading r) {
    String mean = r.add("mean", new Reduce(Reduce.Kind.MEAN, false, 2, 3), x);
    String hidden = r.add("hidden", new Linear(false), mean, parameter(GateParameters.W1, conf, r));
    String normal =
        r.add(
            "normal",
            new Operation.BatchNorm(Gate.EPS, frozenStatistics),
            hidden,
            parameter(GateParameters.GAMMA, conf, r),
            parameter(GateParameters.BETA, conf, r),
            parameter(GateParameters.MEAN, conf, r),
            parameter(GateParameters.VARIANCE, conf, r));
    String active = r.add("active", new Activate(Nonlinearity.RELU), normal);
    String logits =
        r.add(
            "logits",
            new Linear(true),
            active,
            parameter(GateParameters.W2, conf, r),
            parameter(GateParameters.B2, conf, r));
    String factors = r.add("factors", new Activate(Nonlinearity.SIGMOID), logits);
    String perChannel = r.add("gate", new Reshape(0, 0, 1, 1), factors);
    return r.add("gated", new Arithmetic(Arithmetic.Kind.MULTIPLY), x, perChannel);
  }

  private static void batchNorm(BatchNorm conf, Reading r) {
    String out =
        r.add(
            "norm",
            new Operation.BatchNorm(conf.getEps(), conf.isFrozenStatistics()),
            r.images(0, conf.getDataFormat()),
            parameter(BatchNorm.GAMMA, conf, r),
            parameter(BatchNorm.BETA, conf, r),
            parameter(BatchNorm.MEAN, conf, r),
            parameter(BatchNorm.VARIANCE, conf, r));
    givesChannelwise(out, conf, r);
  }

  private static void layerNorm(ChannelLayerNorm conf, Reading r) {
    String out =
        r.add(
            "norm",
            new LayerNorm(conf.getEps()),
            r.images(0, conf.getDataFormat()),
            parameter(ChannelLayerNorm.GAMMA, conf, r),
            parameter(ChannelLayerNorm.BETA, conf, r));
    givesChannelwise(out, conf, r);
  }

  private static void layerScale(LayerScale conf, Reading r) {
    String nothing = r.constant("shift", Nd4j.zeros(DataType.FLOAT, conf.getNOut()));
    String out =
        r.add(
            "scaled",
            new Affine(),
            r.images(0, conf.getDataFormat()),
            parameter(LayerScale.GAMMA, conf, r),
            nothing);
    givesChannelwise(out, conf, r);
  }

  private static void givesChannelwise(String out, ChannelwiseLayer conf, Reading r) {
    r.gives(out, conf.getDataFormat());
  }

  private static void channelBias(ChannelBias conf, Reading r) {
    String ones = r.constant("scale", Nd4j.ones(DataType.FLOAT, conf.getNOut()));
    String out =
        r.add(
            "biased",
            new Affine(),
            r.images(0, conf.getDataFormat()),
            ones,
            parameter(KernelDNAConvolution.BIAS, conf, r));
    r.gives(out, conf.getDataFormat());
  }

  private static void same(Operation operation, Reading r) {
    Array x = r.array(0);
    r.gives(new Array(r.add("out", operation, x.value()), x.channelsLast()));
  }

  private static String parameter(String key, Parametrized conf, Reading r) {
    var parameter = conf.parameter(key);
    return parameter.role().isStatistic()
        ? r.statistic(key, parameter.shape())
        : r.parameter(key, parameter.shape());
  }
}
