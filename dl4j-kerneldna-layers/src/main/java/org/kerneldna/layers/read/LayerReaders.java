package org.kerneldna.layers.read;

import static org.kerneldna.layers.Convolution.BIAS;
import static org.kerneldna.layers.Convolution.KERNEL;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.read.Readers;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.graph.read.Windows;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.DynamicConvolution;
import org.kerneldna.layers.Gelu;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.ParentKernel;
import org.kerneldna.layers.Relu;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.params.Parametrized;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Readers of this library's layers. */
public final class LayerReaders implements Readers.Provider {

  @Override
  public void addTo(Readers readers) {
    readers
        .add(Convolution.class, (conf, r) -> convolution(conf, 1, r))
        .add(DepthwiseConvolution.class, (conf, r) -> convolution(conf, conf.getNOut(), r))
        .add(KernelDNAConvolution.class, LayerReaders::dynamic)
        .add(
            SameDiffKernelDNAConvolution.class,
            (conf, r) -> dynamic(withoutBatchStatistics(conf.getConvolution()), r))
        .add(SharedConvolution.class, LayerReaders::shared)
        .add(ParentKernel.class, (conf, r) -> r.gives(parameter(KERNEL, conf, r)))
        .add(ChildKernel.class, (conf, r) -> r.gives(conf.derivation().read(r.plain(0), null, r)))
        .add(
            SqueezeExcitation.class,
            (conf, r) -> {
              CNN2DFormat format = conf.getDataFormat();
              r.gives(conf.routing().read(r.images(0, format), r), format);
            })
        .add(BatchNorm.class, LayerReaders::batchNorm)
        .add(ChannelLayerNorm.class, LayerReaders::layerNorm)
        .add(LayerScale.class, LayerReaders::layerScale)
        .add(ChannelBias.class, LayerReaders::channelBias)
        .add(
            DropPath.class,
            (conf, r) -> r.gives(r.add("out", new Dropout(1 - conf.getRate(), true), r.array(0))))
        .add(Relu.class, (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(
            Gelu.class,
            (conf, r) -> r.gives(r.then(r.array(0), Nonlinearity.of(Nonlinearity.Function.GELU))));
  }

  private static void convolution(ConvolutionLayer conf, long groups, Reading r) {
    convolution(conf, r.images(0, conf.getCnn2dDataFormat()), kernel(conf, groups, r), groups, r);
  }

  /** Reads any dynamic convolution; the provider of a peer adds its class with this reader. */
  public static void dynamic(DynamicConvolution conf, Reading r) {
    String routed = conf.routing().read(r.images(0, conf.getCnn2dDataFormat()), r);
    String kernel = conf.derivation().read(kernel(conf, 1, r), routed, r);
    convolution(conf, routed, kernel, 1, r);
  }

  /** In SameDiff a layer is not told whether it is training, and always uses running statistics. */
  private static KernelDNAConvolution withoutBatchStatistics(KernelDNAConvolution conf) {
    KernelDNAConvolution frozen = (KernelDNAConvolution) conf.clone();
    frozen.setFrozenStatistics(true);
    return frozen;
  }

  /** A convolution, its bias and its activation function. */
  private static void convolution(
      ConvolutionLayer conf, String x, String kernel, long groups, Reading r) {
    List<String> inputs = new ArrayList<>(List.of(x, kernel));
    if (conf.hasBias()) {
      inputs.add(own(BIAS, conf, r, conf.getNOut()));
    }
    String out =
        r.add(
            "conv",
            new Operation.Convolution(Windows.of(conf), groups, conf.hasBias()),
            inputs.toArray(String[]::new));
    CNN2DFormat format = conf.getCnn2dDataFormat();
    r.gives(r.activated(out, format, conf.getActivationFn()), format);
  }

  private static String kernel(ConvolutionLayer conf, long groups, Reading r) {
    int[] k = conf.getKernelSize();
    return own(KERNEL, conf, r, conf.getNOut(), conf.getNIn() / groups, k[0], k[1]);
  }

  /** A convolution's own kernel or bias, which {@code frozenKernel} may keep from learning. */
  private static String own(String key, ConvolutionLayer conf, Reading r, long... shape) {
    return conf instanceof DynamicConvolution dynamic && dynamic.isFrozenKernel()
        ? r.parameter(key, Role.FROZEN, shape)
        : r.parameter(key, shape);
  }

  private static void shared(SharedConvolution vertex, Reading r) {
    ConvolutionLayer conf = vertex.getGeometry();
    CNN2DFormat format = conf.getCnn2dDataFormat();
    Operation convolution = new Operation.Convolution(Windows.of(conf), 1, false);
    r.gives(r.add("conv", convolution, r.images(0, format), r.plain(1)), format);
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
    CNN2DFormat format = conf.getDataFormat();
    r.gives(
        conf.getRectifier() == null
            ? out
            : r.activated(out, format, conf.getRectifier().getActivationFunction()),
        format);
  }

  private static void layerNorm(ChannelLayerNorm conf, Reading r) {
    String out =
        r.add(
            "norm",
            new LayerNorm(conf.getEps()),
            r.images(0, conf.getDataFormat()),
            parameter(ChannelLayerNorm.GAMMA, conf, r),
            parameter(ChannelLayerNorm.BETA, conf, r));
    r.gives(out, conf.getDataFormat());
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
            parameter(BIAS, conf, r));
    r.gives(out, conf.getDataFormat());
  }

  private static String parameter(String key, Parametrized conf, Reading r) {
    return conf.parameter(key).read(r);
  }
}
