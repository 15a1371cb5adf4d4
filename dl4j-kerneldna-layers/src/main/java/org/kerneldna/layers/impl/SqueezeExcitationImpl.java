package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.SqueezeExcitation;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link SqueezeExcitation}. */
public class SqueezeExcitationImpl extends ListedLayer<SqueezeExcitation> {

  private final GatePass gate;

  public SqueezeExcitationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    SqueezeExcitation layer = layerConf();
    this.gate =
        new GatePass(layer.getLayerName(), layer.getDataFormat(), layer.isFrozenStatistics());
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaces);
    return gate.forward(input.castTo(dataType), params, training, workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradX =
        gate.backward(input.castTo(dataType), params, epsilon, gradientViews, workspaces);
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, backpropDropOutIfPresent(gradX));
  }

  @Override
  public void clear() {
    super.clear();
    gate.clear();
  }
}
