package org.kerneldna.layers;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.natives.Backend;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The steps by which every layer comes to life. */
final class Instantiation {

  private Instantiation() {}

  static Layer of(
      Layer layer,
      Collection<TrainingListener> listeners,
      int index,
      INDArray paramsView,
      boolean initializeParams) {
    Backend.log();
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(paramsView);
    layer.setParamTable(
        layer.conf().getLayer().initializer().init(layer.conf(), paramsView, initializeParams));
    return layer;
  }
}
