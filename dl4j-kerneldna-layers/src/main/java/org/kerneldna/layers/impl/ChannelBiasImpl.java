package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChannelBias}. */
public class ChannelBiasImpl extends ChannelwiseTemplate<ChannelBias, Void> {

  public ChannelBiasImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  INDArray forward(INDArray x, Void nothing, Pass pass) {
    return channels.add(x, pass.param(Convolution.BIAS), pass.activations(x.shape()));
  }

  @Override
  INDArray backward(INDArray x, Void nothing, INDArray gradOut, Pass pass) {
    channels.sum(gradOut, gradientViews.get(Convolution.BIAS));
    return pass.workspaces().dup(ArrayType.ACTIVATION_GRAD, gradOut);
  }
}
