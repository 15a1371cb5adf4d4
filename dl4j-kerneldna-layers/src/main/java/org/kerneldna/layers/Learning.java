package org.kerneldna.layers;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.config.IUpdater;

/** How a layer is initialised and trained, handed on to the layers that it is made of. */
final class Learning {

  private Learning() {}

  /** Copies weight initialisation, updaters, regularisation, constraints and the like. */
  static void copy(BaseLayer from, BaseLayer to) {
    to.setWeightInitFn(from.getWeightInitFn());
    to.setBiasInit(from.getBiasInit());
    to.setGainInit(from.getGainInit());
    to.setRegularization(from.getRegularization());
    to.setRegularizationBias(from.getRegularizationBias());
    to.setIUpdater(copy(from.getIUpdater()));
    to.setBiasUpdater(copy(from.getBiasUpdater()));
    to.setGradientNormalization(from.getGradientNormalization());
    to.setGradientNormalizationThreshold(from.getGradientNormalizationThreshold());
    to.setWeightNoise(from.getWeightNoise());
    to.setConstraints(constraintsOn(to, from.getConstraints()));
  }

  /** A copy, so that a learning rate may be set for one layer later. */
  private static IUpdater copy(IUpdater updater) {
    return updater == null ? null : updater.clone();
  }

  private static List<LayerConstraint> constraintsOn(
      BaseLayer layer, List<LayerConstraint> constraints) {
    if (constraints == null) {
      return null;
    }
    List<LayerConstraint> kept = new ArrayList<>();
    for (LayerConstraint constraint : constraints) {
      Set<String> keys = new HashSet<>(layer.initializer().paramKeys(layer));
      keys.retainAll(constraint.getParams());
      if (!keys.isEmpty()) {
        LayerConstraint copy = constraint.clone();
        copy.setParams(keys);
        kept.add(copy);
      }
    }
    return kept.isEmpty() ? null : kept;
  }
}
