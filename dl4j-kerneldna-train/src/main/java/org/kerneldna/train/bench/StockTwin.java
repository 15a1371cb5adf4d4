package org.kerneldna.train.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BaseConvBuilder;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.Relu;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A static network in DL4J's own layers: the same geometry, layout, activations and parameters, so
 * that it computes the same. What DL4J has no layer for stays as it is.
 */
@UtilityClass
class StockTwin {

  /** A new graph; {@code graph} stays as it is. */
  ComputationGraph of(ComputationGraph graph) {
    ComputationGraphConfiguration conf = graph.getConfiguration().clone();
    for (String name : List.copyOf(conf.getVertices().keySet())) {
      if (conf.getVertices().get(name) instanceof LayerVertex layer) {
        if (layer.getLayerConf().getLayer() instanceof BatchNorm norm
            && norm.getRectifier() != null) {
          addAfter(name, layer.getLayerConf(), norm.getRectifier(), conf);
        }
        replace(layer.getLayerConf());
      }
    }
    ComputationGraph twin = new ComputationGraph(conf);
    twin.init();
    for (org.deeplearning4j.nn.api.Layer layer : graph.getLayers()) {
      copyParameters(layer, twin.getLayer(layer.conf().getLayer().getLayerName()));
    }
    return twin;
  }

  /** Names of the layers and activations in {@code twin} that are this library's. */
  Set<String> kept(ComputationGraph twin) {
    Set<String> kept = new TreeSet<>();
    for (org.deeplearning4j.nn.api.Layer layer : twin.getLayers()) {
      Layer conf = layer.conf().getLayer();
      addOurs(conf, kept);
      if (conf instanceof ActivationLayer activation) {
        addOurs(activation.getActivationFn(), kept);
      }
    }
    return kept;
  }

  private void addOurs(Object part, Set<String> names) {
    if (part.getClass().getName().startsWith("org.kerneldna.")) {
      names.add(part.getClass().getSimpleName());
    }
  }

  /** Adds an activation layer between a vertex and all that read it. */
  private void addAfter(
      String name,
      NeuralNetConfiguration layer,
      Activation activation,
      ComputationGraphConfiguration conf) {
    String added = name + "-" + activation.name().toLowerCase(Locale.ROOT);
    NeuralNetConfiguration after = layer.clone();
    after.setLayer(new ActivationLayer(activation));
    after.getLayer().setLayerName(added);
    after.setVariables(new ArrayList<>());
    conf.getVertexInputs().values().forEach(inputs -> Collections.replaceAll(inputs, name, added));
    conf.getVertices().put(added, new LayerVertex(after, null));
    conf.getVertexInputs().put(added, List.of(name));
    conf.setTopologicalOrder(null);
    conf.setTopologicalOrderStr(null);
  }

  private void replace(NeuralNetConfiguration conf) {
    Layer ours = conf.getLayer();
    if (ours instanceof Relu relu) {
      conf.setLayer(new ActivationLayer(relu.getActivationFn()));
      conf.getLayer().setLayerName(relu.getLayerName());
    }
    BaseLayer stock = stock(ours);
    if (stock != null) {
      copyLearning((BaseLayer) ours, stock);
      conf.setLayer(stock);
      conf.setVariables(new ArrayList<>());
    }
  }

  /** DL4J's own layer; null where there is none, or it is one. */
  private BaseLayer stock(Layer ours) {
    if (ours instanceof DepthwiseConvolution conv) {
      return geometry(conv, new DepthwiseConvolution2D.Builder())
          .dataFormat(conv.getCnn2dDataFormat())
          .build();
    }
    if (ours instanceof Convolution conv) {
      return geometry(conv, new ConvolutionLayer.Builder())
          .dataFormat(conv.getCnn2dDataFormat())
          .build();
    }
    return ours instanceof BatchNorm norm ? stock(norm) : null;
  }

  private <B extends BaseConvBuilder<B>> B geometry(Convolution conv, B stock) {
    return stock
        .kernelSize(conv.getKernelSize())
        .stride(conv.getStride())
        .padding(conv.getPadding())
        .dilation(conv.getDilation())
        .convolutionMode(conv.getConvolutionMode())
        .nIn(conv.getNIn())
        .nOut(conv.getNOut())
        .hasBias(conv.hasBias());
  }

  private BatchNormalization stock(BatchNorm norm) {
    return new BatchNormalization.Builder()
        .decay(norm.getDecay())
        .eps(norm.getEps())
        .dataFormat(norm.getDataFormat())
        .nIn(norm.getNIn())
        .nOut(norm.getNOut())
        .build();
  }

  private void copyLearning(BaseLayer ours, BaseLayer stock) {
    stock.setLayerName(ours.getLayerName());
    stock.setActivationFn(ours.getActivationFn());
    stock.setWeightInitFn(ours.getWeightInitFn());
    stock.setBiasInit(ours.getBiasInit());
    stock.setRegularization(ours.getRegularization());
    stock.setRegularizationBias(ours.getRegularizationBias());
    stock.setIUpdater(ours.getIUpdater());
  }

  private void copyParameters(
      org.deeplearning4j.nn.api.Layer ours, org.deeplearning4j.nn.api.Layer stock) {
    Layer conf = ours.conf().getLayer();
    ours.paramTable()
        .forEach((name, value) -> stock.getParam(key(conf, name)).assign(value(conf, name, value)));
  }

  private String key(Layer ours, String name) {
    return isVariance(ours, name) ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD : name;
  }

  /** DL4J keeps log10 of the standard deviation, and depthwise kernels as [kH, kW, C, 1]. */
  private INDArray value(Layer ours, String name, INDArray value) {
    if (isVariance(ours, name)) {
      return Transforms.log(value, 10).muli(0.5);
    }
    boolean depthwise =
        ours instanceof DepthwiseConvolution && name.equals(DepthwiseConvolution.KERNEL);
    return depthwise ? value.permute(2, 3, 0, 1) : value;
  }

  private boolean isVariance(Layer ours, String name) {
    return ours instanceof BatchNorm && name.equals(BatchNorm.VARIANCE);
  }
}
