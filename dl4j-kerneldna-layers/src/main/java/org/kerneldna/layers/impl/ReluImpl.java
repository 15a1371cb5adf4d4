package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.Relu;
import org.kerneldna.layers.math.Rectifier;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link Relu}. */
public class ReluImpl extends ActivationLayer {

  private final Rectifier rectifier;

  public ReluImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    boolean capped = layerConf().getActivationFn() instanceof ActivationReLU6;
    this.rectifier = capped ? Rectifier.RELU6 : Rectifier.RELU;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    InputShape.requireSamples(layerConf().getLayerName(), input);
    applyDropOutIfNecessary(training, workspaces);
    return rectifier.forward(input, like(input, ArrayType.ACTIVATIONS, workspaces));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradX = like(input, ArrayType.ACTIVATION_GRAD, workspaces);
    rectifier.backward(input, epsilon, gradX);
    return new Pair<>(
        new DefaultGradient(), dropoutApplied ? backpropDropOutIfPresent(gradX) : gradX);
  }

  private static INDArray like(INDArray x, ArrayType type, LayerWorkspaceMgr workspaces) {
    return workspaces.createUninitialized(type, x.dataType(), x.shape(), x.ordering());
  }
}
