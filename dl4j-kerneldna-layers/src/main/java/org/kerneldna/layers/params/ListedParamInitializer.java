package org.kerneldna.layers.params;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Initialises the parameters that a {@link Parametrized} layer lists. */
public final class ListedParamInitializer implements ParamInitializer {

  private static final ListedParamInitializer INSTANCE = new ListedParamInitializer();

  private ListedParamInitializer() {}

  public static ListedParamInitializer getInstance() {
    return INSTANCE;
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return parameters(layer).stream().mapToLong(Parameter::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return keys(layer, role -> true);
  }

  /** The weights of one rank, the first one's: constraints on weights are made for one rank. */
  @Override
  public List<String> weightKeys(Layer layer) {
    List<Parameter> weights = parameters(layer).stream().filter(p -> p.role().isWeight()).toList();
    return weights.stream()
        .filter(p -> p.shape().length == weights.get(0).shape().length)
        .map(Parameter::key)
        .toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return keys(layer, Role::isBias);
  }

  /** Of every rank: weight noise asks. */
  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return keys(layer, Role::isWeight).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return biasKeys(layer).contains(key);
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    BaseLayer layer = (BaseLayer) conf.getLayer();
    Map<String, INDArray> views = views(layer, paramsView);
    for (Parameter p : parameters(layer)) {
      conf.addVariable(p.key());
      if (initializeParams) {
        initialize(p, layer, views.get(p.key()));
      }
    }
    return views;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    return views(conf.getLayer(), gradientView);
  }

  private static Map<String, INDArray> views(Layer layer, INDArray flat) {
    INDArray vector = flat.reshape('c', true, flat.length());
    Map<String, INDArray> views = new LinkedHashMap<>();
    long start = 0;
    for (Parameter p : parameters(layer)) {
      long end = start + p.length();
      views.put(
          p.key(), vector.get(NDArrayIndex.interval(start, end)).reshape('c', true, p.shape()));
      start = end;
    }
    return views;
  }

  /** Gives a parameter of {@code layer} its first values. */
  public static void initialize(Parameter p, BaseLayer layer, INDArray view) {
    switch (p.role()) {
      case WEIGHT -> {
        long fanIn = p.length() / p.shape()[0];
        long fanOut = p.length() / p.shape()[1];
        layer.getWeightInitFn().init(fanIn, fanOut, p.shape(), 'c', view);
      }
      case BIAS -> view.assign(layer.getBiasInit());
      case GAIN, RUNNING_VARIANCE -> view.assign(1);
      case MODULATION, OFFSET, RUNNING_MEAN -> view.assign(0);
    }
  }

  private static List<Parameter> parameters(Layer layer) {
    return ((Parametrized) layer).parameters();
  }

  private static List<String> keys(Layer layer, Predicate<Role> wanted) {
    return parameters(layer).stream()
        .filter(p -> wanted.test(p.role()))
        .map(Parameter::key)
        .toList();
  }
}
