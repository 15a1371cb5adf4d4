package org.kerneldna.train;

import java.util.function.Supplier;
import lombok.Getter;
import lombok.experimental.Accessors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An exponential running mean of a graph's parameters, running statistics included: {@code mean = d
 * * mean + (1 - d) * parameters} after every step (Polyak averaging). After n steps of the training
 * {@code d = min(decay, (1 + n) / (10 + n))}, as TensorFlow's ExponentialMovingAverage has it, so
 * that the random parameters at the start are soon forgotten.
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

  /** Takes the parameters into the mean as they are now, after the graph's latest step. */
  void update() {
    double steps = graph.getIterationCount();
    double stays = Math.min(decay, (1 + steps) / (10 + steps));
    INDArray parameters = graph.params();
    // In this order no rounding moves a mean away from parameters that it has reached.
    mean.subi(parameters).muli(stays).addi(parameters);
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
