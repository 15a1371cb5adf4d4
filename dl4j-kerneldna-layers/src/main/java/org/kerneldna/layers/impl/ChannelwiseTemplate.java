package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.ChannelwiseLayer;
import org.kerneldna.layers.math.Channels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How a {@link ChannelwiseLayer} runs, whose input must have the channels that it is made for. */
abstract class ChannelwiseTemplate<C extends ChannelwiseLayer, S> extends LayerTemplate<C, S> {

  final Channels channels = new Channels(layerConf().getDataFormat());

  ChannelwiseTemplate(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  void check(INDArray x) {
    InputShape.requireChannels(layerConf().getLayerName(), x, channels, layerConf().getNIn());
  }
}
