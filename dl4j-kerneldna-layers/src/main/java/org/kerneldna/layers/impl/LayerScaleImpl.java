package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.math.ChannelScale;
import org.kerneldna.layers.math.Channels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link LayerScale}. */
public class LayerScaleImpl extends LayerTemplate<LayerScale, Void> {

  private final Channels channels;
  private final ChannelScale scale;

  public LayerScaleImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.channels = new Channels(layerConf().getDataFormat());
    this.scale = new ChannelScale(layerConf().getDataFormat());
  }

  @Override
  void check(INDArray x) {
    InputShape.requireChannels(
        layerConf().getLayerName(), x, channels, params.get(LayerScale.GAMMA).length());
  }

  @Override
  INDArray forward(INDArray x, Void nothing, Pass pass) {
    return scale.forward(x, pass.param(LayerScale.GAMMA), pass.activations(x.shape()));
  }

  @Override
  INDArray backward(INDArray x, Void nothing, INDArray gradOut, Pass pass) {
    INDArray gradX = pass.gradient(x.shape());
    scale.backward(
        x, pass.param(LayerScale.GAMMA), gradOut, gradX, gradientViews.get(LayerScale.GAMMA));
    return gradX;
  }
}
