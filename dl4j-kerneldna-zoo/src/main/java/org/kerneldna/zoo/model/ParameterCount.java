package org.kerneldna.zoo.model;

import java.util.Arrays;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How many parameters a network has. */
@UtilityClass
class ParameterCount {

  /**
   * What a configuration implies. DL4J multiplies sides without regard to overflow: a wrong small
   * count is found by {@link #requireExact}.
   */
  long of(ComputationGraphConfiguration configuration) {
    long count = 0;
    for (GraphVertex vertex : configuration.getVertices().values()) {
      long here = vertex.numParams(true);
      if (here < 0) {
        throw new IllegalArgumentException("a layer has " + here + " parameters");
      }
      count = Math.addExact(count, here);
    }
    return count;
  }

  /**
   * Requires that every parameter has memory behind all of its shape.
   *
   * @throws ArithmeticException if a shape has more elements than a long counts
   */
  void requireExact(ComputationGraph graph) {
    long count = 0;
    for (INDArray parameter : graph.paramTable().values()) {
      count += Arrays.stream(parameter.shape()).reduce(1, Math::multiplyExact);
    }
    if (count != graph.numParams()) {
      throw new IllegalArgumentException("its shapes need " + count + " parameters");
    }
  }
}
