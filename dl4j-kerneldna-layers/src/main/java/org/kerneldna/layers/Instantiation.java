package org.kerneldna.layers;

import java.util.Collection;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.natives.Backend;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The steps by which every layer comes to life. */
final class Instantiation {

  private Instantiation() {}

  /**
   * Checks a layer whose output has the channels of its input.
   *
   * @throws DL4JInvalidConfigException if its nOut is not its nIn
   */
  static void requireSameChannels(FeedForwardLayer layer) {
    if (layer.getNIn() != layer.getNOut()) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Layer \"%s\" (%s) keeps its channels but has nIn=%d and nOut=%d; change nOut of the"
                  + " layer before it instead",
              layer.getLayerName(),
              layer.getClass().getSimpleName(),
              layer.getNIn(),
              layer.getNOut()));
    }
  }

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
