package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.math.StochasticDepth;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link DropPath}. */
public class DropPathImpl extends AbstractLayer<DropPath> {

  /** Which samples survived a pass of training; null after one of inference, which all survive. */
  private INDArray survival;

  public DropPathImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    InputShape.requireSamples(layerConf().getLayerName(), input);
    applyDropOutIfNecessary(training, workspaces);
    INDArray x = input.castTo(dataType);
    survival =
        training
            ? workspaces.leverageTo(
                ArrayType.ACTIVATIONS,
                StochasticDepth.survival(x.size(0), layerConf().getRate(), dataType))
            : null;
    return applied(x, ArrayType.ACTIVATIONS, workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray gradX = applied(epsilon, ArrayType.ACTIVATION_GRAD, workspaces);
    return new Pair<>(
        new DefaultGradient(), dropoutApplied ? backpropDropOutIfPresent(gradX) : gradX);
  }

  @Override
  public void clear() {
    super.clear();
    survival = null;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {}

  private INDArray applied(INDArray x, ArrayType type, LayerWorkspaceMgr workspaces) {
    if (survival == null) {
      // A copy, since the next layer may work in place on what others read too.
      return workspaces.dup(type, x);
    }
    return StochasticDepth.apply(
        x, survival, workspaces.createUninitialized(type, dataType, x.shape(), 'c'));
  }
}
