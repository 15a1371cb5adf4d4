package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.Convolution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How a layer runs that is a {@link Convolution}, whose input must be images of its channels. */
abstract class ConvolutionTemplate<C extends Convolution, S> extends LayerTemplate<C, S> {

  final ConvolutionPass convolution =
      new ConvolutionPass(layerConf(), layerConf().getActivationFn());

  ConvolutionTemplate(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
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
  void check(INDArray x) {
    convolution.check(x, layerConf().getNIn());
  }
}
