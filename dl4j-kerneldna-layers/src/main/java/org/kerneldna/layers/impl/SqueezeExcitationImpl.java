package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.math.Gate;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link SqueezeExcitation}. */
public class SqueezeExcitationImpl extends LayerTemplate<SqueezeExcitation, Gate.State> {

  private final GatePass gate;

  public SqueezeExcitationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    SqueezeExcitation layer = layerConf();
    this.gate =
        new GatePass(layer.getLayerName(), layer.getDataFormat(), layer.isFrozenStatistics());
  }

  @Override
  void check(INDArray x) {
    gate.check(x, layerConf().getNIn());
  }

  @Override
  Gate.State prepare(INDArray x, Pass pass) {
    return gate.open(x, pass);
  }

  @Override
  INDArray forward(INDArray x, Gate.State state, Pass pass) {
    return gate.apply(x, state, pass);
  }

  @Override
  INDArray backward(INDArray x, Gate.State state, INDArray gradOut, Pass pass) {
    return gate.backward(x, state, gradOut, gradientViews, pass);
  }
}
