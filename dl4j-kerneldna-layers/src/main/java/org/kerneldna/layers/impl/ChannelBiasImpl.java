package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.Channels;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChannelBias}. */
public class ChannelBiasImpl extends ListedLayer<ChannelBias> {

  private final Channels channels;

  public ChannelBiasImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    this.channels = new Channels(layerConf().getDataFormat());
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray b = params.get(KernelDNAConvolution.BIAS);
    INDArray out =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, input.shape(), 'c');
    return channels.add(input, b, out);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray gradB = gradientViews.get(KernelDNAConvolution.BIAS);
    channels.sum(epsilon, gradB);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(KernelDNAConvolution.BIAS, gradB);
    return new Pair<>(gradient, workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon));
  }
}
