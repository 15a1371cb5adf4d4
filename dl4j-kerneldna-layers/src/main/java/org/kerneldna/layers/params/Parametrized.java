package org.kerneldna.layers.params;

import java.util.List;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A layer configuration that lists its parameters, in the order in which they are stored. */
public interface Parametrized {

  /** The parameters, given sizes that are known once {@code nIn} and {@code nOut} are. */
  List<Parameter> parameters();

  /** The parameter called {@code key}. */
  default Parameter parameter(String key) {
    return parameters().stream()
        .filter(p -> p.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("Unknown parameter: \"" + key + "\""));
  }

  /** Whether the parameter called {@code key} is a running statistic, which nothing learns. */
  default boolean isStatistic(String key) {
    return parameter(key).role().isStatistic();
  }

  /** The regularisation of a parameter: none for statistics. */
  default List<Regularization> regularizationOf(
      String key, List<Regularization> weights, List<Regularization> biases) {
    Parameter.Role role = parameter(key).role();
    if (role.isStatistic()) {
      return null;
    }
    return role.isBias() ? biases : weights;
  }
}
