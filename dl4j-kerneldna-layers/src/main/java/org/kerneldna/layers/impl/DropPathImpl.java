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

  private INDArray survival;

  public DropPathImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray x = input.castTo(dataType);
    if (!training) {
      // A copy, since the next layer may work in place on what others read too.
      return workspaces.dup(ArrayType.ACTIVATIONS, x);
    }
    survival =
        workspaces.leverageTo(
            ArrayType.ACTIVATIONS,
            StochasticDepth.survival(x.size(0), layerConf().getRate(), dataType));
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    return StochasticDepth.apply(x, survival, out);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, epsilon.shape(), 'c');
    return new Pair<>(new DefaultGradient(), StochasticDepth.apply(epsilon, survival, gradX));
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
}
