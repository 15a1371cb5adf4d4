package org.kerneldna.layers.impl;

import static java.util.stream.Collectors.toSet;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a layer with parameters runs. A subclass says only what it computes: {@link #prepare} what
 * both passes need, {@link #forward} the output, {@link #backward} the gradients. The rest is here:
 * the input is checked and cast, dropout and weight noise are applied, what backward needs is kept
 * while training, and running statistics stay out of the gradients.
 *
 * <p>All parameters lie in C order in the layer's part of the network's vector.
 *
 * @param <C> the configuration
 * @param <S> what both passes need besides input and parameters
 */
abstract class LayerTemplate<C extends org.deeplearning4j.nn.conf.layers.BaseLayer, S>
    extends BaseLayer<C> {

  private final RunningStatistics statistics = new RunningStatistics(layerConf());

  /** Looked up for every parameter in every step. */
  private final Set<String> statisticKeys =
      layerConf() instanceof Parametrized listed
          ? listed.parameters().stream()
              .filter(p -> p.role().isStatistic())
              .map(Parameter::key)
              .collect(toSet())
          : Set.of();

  private boolean training;
  private S kept;

  LayerTemplate(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /**
   * Checks the input.
   *
   * @throws DL4JInvalidInputException if the layer cannot take it
   */
  void check(INDArray x) {
    InputShape.requireSamples(layerConf().getLayerName(), x);
  }

  /**
   * Computes what {@link #forward} and {@link #backward} both need; null, as here, for nothing.
   * While training it is kept from the one to the other, so its arrays must be {@link Pass#keep}'s
   * or {@link Pass#activations}'.
   *
   * @param x the input in the network's data type
   */
  S prepare(INDArray x, Pass pass) {
    return null;
  }

  /** Computes the output, in an array of {@link Pass#activations}. */
  abstract INDArray forward(INDArray x, S prepared, Pass pass);

  /**
   * Computes the gradients of the parameters into {@link #gradientViews}, where a running statistic
   * has what is to be subtracted from it, and returns that of {@code x}, in an array of {@link
   * Pass#gradient}, or null if it is not wanted. A pass that is not training is one of a frozen
   * layer: its forward pass was inference.
   */
  abstract INDArray backward(INDArray x, S prepared, INDArray gradOut, Pass pass);

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    check(input);
    applyDropOutIfNecessary(training, workspaces);
    this.training = training;
    Pass pass = pass(workspaces);
    INDArray x = pass.cast(input);
    S prepared = prepare(x, pass);
    kept = training ? prepared : null;
    return forward(x, prepared, pass);
  }

  /**
   * Nothing is kept by inference, after which DL4J's {@code FrozenLayerWithBackprop} asks for
   * gradients too. For those it is prepared anew.
   */
  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    Pass pass = pass(workspaces);
    INDArray x = pass.cast(input);
    INDArray gradX = backward(x, kept == null ? prepare(x, pass) : kept, epsilon, pass);
    weightNoiseParams.clear();
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach(
        (key, view) -> {
          if (statisticKeys.contains(key)) {
            statistics.setAside(key, view);
          }
          gradient.setGradientFor(key, view, 'c');
        });
    boolean dropped = dropoutApplied && gradX != null;
    return new Pair<>(gradient, dropped ? backpropDropOutIfPresent(gradX) : gradX);
  }

  @Override
  public void clear() {
    super.clear();
    kept = null;
  }

  /** What DL4J trains the layer by, where running statistics have their own way. */
  @Override
  public TrainingConfig getConfig() {
    return statistics;
  }

  /** Statistics are not summed over a batch, so they are not divided by its size either. */
  @Override
  public boolean updaterDivideByMinibatch(String key) {
    return !statisticKeys.contains(key);
  }

  @Override
  public void setParams(INDArray params) {
    if (params != paramsFlattened) {
      paramsFlattened.assign(params.reshape(paramsFlattened.shape()));
    }
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  /**
   * @throws UnsupportedOperationException always: there is nothing to learn without a loss
   */
  @Override
  public void fit(INDArray input, LayerWorkspaceMgr workspaces) {
    throw new UnsupportedOperationException(
        "Layer \""
            + layerConf().getLayerName()
            + "\" cannot be pretrained by itself; train the network with fit");
  }

  private Pass pass(LayerWorkspaceMgr workspaces) {
    return new Pass(used(workspaces), training, dataType, workspaces);
  }

  /** The parameters, with their noise while training. */
  private Map<String, INDArray> used(LayerWorkspaceMgr workspaces) {
    if (layerConf().getWeightNoise() == null) {
      return params;
    }
    Map<String, INDArray> used = new LinkedHashMap<>(params);
    used.replaceAll(
        (key, p) -> statisticKeys.contains(key) ? p : getParamWithNoise(key, training, workspaces));
    return used;
  }
}
