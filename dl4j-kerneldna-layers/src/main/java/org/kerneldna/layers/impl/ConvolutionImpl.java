package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.Convolution;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link Convolution}. */
public class ConvolutionImpl extends SupervisedLayer<Convolution> {

  private static final String KERNEL = ConvolutionParamInitializer.WEIGHT_KEY;
  private static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

  private final ConvolutionPass convolution;

  public ConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.convolution = new ConvolutionPass(layerConf(), layerConf().getActivationFn());
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }

  @Override
  public boolean hasBias() {
    return layerConf().hasBias();
  }

  @Override
  public void setParams(INDArray params) {
    if (params != paramsFlattened) {
      setParams(params, 'c');
    }
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaces);
    INDArray kernel = getParamWithNoise(KERNEL, training, workspaces);
    INDArray bias = hasBias() ? getParamWithNoise(BIAS, training, workspaces) : null;
    return convolution.forward(input.castTo(dataType), kernel, bias, training, workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradKernel = gradientViews.get(KERNEL);
    INDArray gradBias = gradientViews.get(BIAS);
    INDArray gradX =
        convolution.backward(
            input.castTo(dataType),
            getParamWithNoise(KERNEL, true, workspaces),
            epsilon,
            gradKernel,
            gradBias,
            workspaces);
    weightNoiseParams.clear();
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(KERNEL, gradKernel, 'c');
    if (gradBias != null) {
      gradient.setGradientFor(BIAS, gradBias);
    }
    return new Pair<>(gradient, backpropDropOutIfPresent(gradX));
  }

  @Override
  public void clear() {
    super.clear();
    convolution.clear();
  }
}
