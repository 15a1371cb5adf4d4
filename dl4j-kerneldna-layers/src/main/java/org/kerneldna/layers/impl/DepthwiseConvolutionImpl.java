package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.DepthwiseConv2d;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link DepthwiseConvolution}, keeping the pre-activation output for backward. */
public class DepthwiseConvolutionImpl extends ListedLayer<DepthwiseConvolution> {

  private final DepthwiseConv2d convolution;
  private final Channels channels;
  private INDArray preActivation;

  public DepthwiseConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.convolution = new DepthwiseConv2d(layerConf());
    this.channels = new Channels(layerConf().getCnn2dDataFormat());
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }

  @Override
  public boolean hasBias() {
    return layerConf().hasBias();
  }

  /**
   * @throws DL4JInvalidInputException if the input does not fit
   */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaces);
    INDArray x = input.castTo(dataType);
    InputShape.requireImages(layerConf().getLayerName(), x, channels, layerConf().getNIn());
    INDArray z =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, convolution.outputShape(x), 'c');
    INDArray bias =
        hasBias() ? getParamWithNoise(DepthwiseConvolution.BIAS, training, workspaces) : null;
    convolution.forward(
        x, getParamWithNoise(DepthwiseConvolution.KERNEL, training, workspaces), bias, z);
    if (isLinear()) {
      return z;
    }
    preActivation = training ? z : null;
    INDArray out = training ? workspaces.dup(ArrayType.ACTIVATIONS, z) : z;
    return layerConf().getActivationFn().getActivation(out, training);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray delta =
        isLinear()
            ? epsilon
            : layerConf().getActivationFn().backprop(preActivation, epsilon).getFirst();
    INDArray x = input.castTo(dataType);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    convolution.backward(
        x,
        getParamWithNoise(DepthwiseConvolution.KERNEL, true, workspaces),
        delta,
        gradX,
        gradientViews.get(DepthwiseConvolution.KERNEL));
    if (hasBias()) {
      channels.sum(delta, gradientViews.get(DepthwiseConvolution.BIAS));
    }
    weightNoiseParams.clear();
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, backpropDropOutIfPresent(gradX));
  }

  @Override
  public void clear() {
    super.clear();
    preActivation = null;
  }

  private boolean isLinear() {
    return layerConf().getActivationFn() instanceof ActivationIdentity;
  }
}
