package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.math.ChannelNormalization;
import org.kerneldna.layers.math.ChannelNormalization.Statistics;
import org.kerneldna.layers.math.Channels;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChannelLayerNorm}. */
public class ChannelLayerNormImpl extends ListedLayer<ChannelLayerNorm> {

  private final Channels channels;
  private final ChannelNormalization normalization;
  private Statistics statistics;

  public ChannelLayerNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.channels = new Channels(layerConf().getDataFormat());
    this.normalization =
        new ChannelNormalization(layerConf().getDataFormat(), layerConf().getEps());
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }

  /**
   * @throws DL4JInvalidInputException if the input does not fit
   */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray x = input.castTo(dataType);
    InputShape.requireChannels(
        layerConf().getLayerName(), x, channels, params.get(ChannelLayerNorm.GAMMA).length());
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
    Statistics used =
        normalization.forward(
            x, params.get(ChannelLayerNorm.GAMMA), params.get(ChannelLayerNorm.BETA), out);
    statistics = training ? keep(used, workspaces) : null;
    return out;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = input.castTo(dataType);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    INDArray scratch =
        workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
    normalization.backward(
        x,
        statistics,
        params.get(ChannelLayerNorm.GAMMA),
        epsilon,
        gradX,
        gradientViews.get(ChannelLayerNorm.GAMMA),
        gradientViews.get(ChannelLayerNorm.BETA),
        scratch);
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, gradX);
  }

  @Override
  public void clear() {
    super.clear();
    statistics = null;
  }

  private static Statistics keep(Statistics s, LayerWorkspaceMgr workspaces) {
    return new Statistics(
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.mean()),
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.inverseStd()));
  }
}
