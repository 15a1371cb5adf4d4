package org.kerneldna.train.bench;

import static org.deeplearning4j.config.DL4JSystemProperties.DISABLE_HELPER_PROPERTY;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Makes networks with DL4J's layer helpers or without: a layer looks for its own as it is made. */
@UtilityClass
class LayerHelperSwitch {

  ComputationGraph with(Supplier<ComputationGraph> graph) {
    return make(graph, false);
  }

  /**
   * @throws IllegalStateException if a layer has one all the same
   */
  ComputationGraph without(Supplier<ComputationGraph> graph) {
    ComputationGraph made = make(graph, true);
    if (count(made) > 0) {
      throw new IllegalStateException(
          count(made) + " layers have helpers in spite of " + DISABLE_HELPER_PROPERTY);
    }
    return made;
  }

  /** How many layers have a helper. */
  long count(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers()).filter(layer -> layer.getHelper() != null).count();
  }

  private ComputationGraph make(Supplier<ComputationGraph> graph, boolean disable) {
    Optional<String> before =
        Optional.ofNullable(System.setProperty(DISABLE_HELPER_PROPERTY, Boolean.toString(disable)));
    try {
      return graph.get();
    } finally {
      before.ifPresentOrElse(
          value -> System.setProperty(DISABLE_HELPER_PROPERTY, value),
          () -> System.clearProperty(DISABLE_HELPER_PROPERTY));
    }
  }
}
