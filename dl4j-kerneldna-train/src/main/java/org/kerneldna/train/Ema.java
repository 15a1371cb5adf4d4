package org.kerneldna.train;

import java.util.function.Supplier;
import lombok.Getter;
import lombok.experimental.Accessors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An exponential running mean of a graph's parameters, running statistics included: {@code mean =
 * decay * mean + (1 - decay) * parameters} after every step (Polyak averaging as timm has it).
 */
final class Ema {

  private final ComputationGraph graph;
  private final double decay;

  /** Like the graph's parameters. */
  @Getter
  @Accessors(fluent = true)
  private final INDArray mean;

  /**
   * @param mean to go on with; null to start with the parameters as they are
   */
  Ema(ComputationGraph graph, double decay, INDArray mean) {
    this.graph = graph;
    this.decay = decay;
    INDArray parameters = graph.params();
    this.mean = mean == null ? parameters.dup() : mean.reshape(parameters.shape());
  }

  /** Takes the parameters as they are now into the mean. */
  void update() {
    mean.muli(decay);
    Nd4j.getBlasWrapper().axpy(1 - decay, graph.params(), mean);
  }

  /** Runs work while the graph has the mean in place of its parameters. */
  <T> T inPlace(Supplier<T> work) {
    INDArray parameters = graph.params().dup();
    graph.params().assign(mean);
    try {
      return work.get();
    } finally {
      graph.params().assign(parameters);
    }
  }
}
