package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.math.ChannelScale;
import org.kerneldna.layers.math.Channels;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link LayerScale}. */
public class LayerScaleImpl extends ListedLayer<LayerScale> {

  private final Channels channels;
  private final ChannelScale scale;

  public LayerScaleImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.channels = new Channels(layerConf().getDataFormat());
    this.scale = new ChannelScale(layerConf().getDataFormat());
  }

  /**
   * @throws DL4JInvalidInputException if the input does not fit
   */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray x = input.castTo(dataType);
    InputShape.requireChannels(
        layerConf().getLayerName(), x, channels, params.get(LayerScale.GAMMA).length());
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    return scale.forward(x, params.get(LayerScale.GAMMA), out);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = input.castTo(dataType);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    INDArray gradGamma = gradientViews.get(LayerScale.GAMMA);
    scale.backward(x, params.get(LayerScale.GAMMA), epsilon, gradX, gradGamma);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(LayerScale.GAMMA, gradGamma);
    return new Pair<>(gradient, gradX);
  }
}
