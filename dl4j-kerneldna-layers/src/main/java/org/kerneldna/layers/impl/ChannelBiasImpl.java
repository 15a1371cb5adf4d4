package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.Channels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChannelBias}. */
public class ChannelBiasImpl extends LayerTemplate<ChannelBias, Void> {

  private final Channels channels;

  public ChannelBiasImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.channels = new Channels(layerConf().getDataFormat());
  }

  @Override
  void check(INDArray x) {
    InputShape.requireChannels(layerConf().getLayerName(), x, channels, layerConf().getNIn());
  }

  @Override
  INDArray forward(INDArray x, Void nothing, Pass pass) {
    return channels.add(x, pass.param(KernelDNAConvolution.BIAS), pass.activations(x.shape()));
  }

  @Override
  INDArray backward(INDArray x, Void nothing, INDArray gradOut, Pass pass) {
    channels.sum(gradOut, gradientViews.get(KernelDNAConvolution.BIAS));
    return pass.workspaces().dup(ArrayType.ACTIVATION_GRAD, gradOut);
  }
}
