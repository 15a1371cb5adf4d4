package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link LayerScale}. */
public class LayerScaleImpl extends ChannelwiseTemplate<LayerScale, Void> {

  public LayerScaleImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  INDArray forward(INDArray x, Void nothing, Pass pass) {
    return channels.multiply(x, pass.param(LayerScale.GAMMA), pass.activations(x.shape()));
  }

  @Override
  INDArray backward(INDArray x, Void nothing, INDArray gradOut, Pass pass) {
    channels.sumOfProducts(gradOut, x, gradientViews.get(LayerScale.GAMMA));
    return channels.multiply(gradOut, pass.param(LayerScale.GAMMA), pass.gradient(x.shape()));
  }
}
