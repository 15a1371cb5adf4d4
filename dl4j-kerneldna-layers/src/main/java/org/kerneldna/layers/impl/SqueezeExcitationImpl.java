package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.dynamic.Routing;
import org.kerneldna.layers.dynamic.Routing.Routed;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link SqueezeExcitation}. */
public class SqueezeExcitationImpl extends ChannelwiseTemplate<SqueezeExcitation, Routed> {

  private final Routing routing = layerConf().routing();

  public SqueezeExcitationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  void check(INDArray x) {
    InputShape.requireImages(layerConf().getLayerName(), x, channels, layerConf().getNIn());
  }

  @Override
  Routed prepare(INDArray x, Pass pass) {
    return routing.forward(x, pass);
  }

  @Override
  INDArray forward(INDArray x, Routed routed, Pass pass) {
    return routed.output();
  }

  @Override
  INDArray backward(INDArray x, Routed routed, INDArray gradOut, Pass pass) {
    return routed.backward(gradOut, gradientViews, pass);
  }
}
