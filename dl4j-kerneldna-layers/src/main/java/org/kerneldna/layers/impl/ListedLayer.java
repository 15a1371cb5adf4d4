package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose configuration lists its parameters, all stored in C order. */
abstract class ListedLayer<C extends org.deeplearning4j.nn.conf.layers.BaseLayer & Parametrized>
    extends SupervisedLayer<C> {

  ListedLayer(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** Statistics are not summed over a batch, so they are not divided by its size either. */
  @Override
  public boolean updaterDivideByMinibatch(String key) {
    return !layerConf().parameter(key).role().isStatistic();
  }

  @Override
  public void setParams(INDArray params) {
    if (params != paramsFlattened) {
      paramsFlattened.assign(params.reshape(paramsFlattened.shape()));
    }
  }
}
