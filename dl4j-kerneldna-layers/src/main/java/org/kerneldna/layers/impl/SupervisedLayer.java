package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer with parameters that learns by the gradient of a loss only. */
abstract class SupervisedLayer<C extends org.deeplearning4j.nn.conf.layers.BaseLayer>
    extends BaseLayer<C> {

  SupervisedLayer(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  /**
   * @throws UnsupportedOperationException always: there is nothing to learn without a loss
   */
  @Override
  public void fit(INDArray input, LayerWorkspaceMgr workspaces) {
    throw new UnsupportedOperationException(
        "Layer \""
            + layerConf().getLayerName()
            + "\" cannot be pretrained by itself; train the network with fit");
  }
}
