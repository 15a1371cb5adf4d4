package org.kerneldna.graph.count;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The size of a network, frozen or not.
 *
 * @param parameters how many numbers it learns: no running statistics, and a kernel that several
 *     convolutions share once
 * @param macs multiply-accumulates of its convolutions, depthwise ones and gates included, and its
 *     linear layers for one image; modulating kernels, normalising, activations and multiplying by
 *     a gate are not counted, nor is what only DL4J can compute, such as recurrent layers; a series
 *     whose length is not known counts as one step
 */
public record Complexity(long parameters, long macs) {

  /**
   * Counts {@code graph}.
   *
   * @param inputTypes what its inputs take
   * @throws IllegalArgumentException if the network cannot take these; names the vertex
   */
  public static Complexity of(ComputationGraph graph, InputType... inputTypes) {
    return of(graph.getConfiguration(), inputTypes);
  }

  /** As {@link #of(ComputationGraph, InputType...)}, without need of the network itself. */
  public static Complexity of(ComputationGraphConfiguration conf, InputType... inputTypes) {
    List<LayerComplexity> layers = byLayer(conf, inputTypes);
    return new Complexity(
        layers.stream().mapToLong(LayerComplexity::parameters).sum(),
        layers.stream().mapToLong(LayerComplexity::macs).sum());
  }

  /**
   * The size of each vertex, in the order of the configuration; see {@link #of(ComputationGraph,
   * InputType...)}.
   */
  public static List<LayerComplexity> byLayer(ComputationGraph graph, InputType... inputTypes) {
    return byLayer(graph.getConfiguration(), inputTypes);
  }

  /** As {@link #byLayer(ComputationGraph, InputType...)}, without need of the network itself. */
  public static List<LayerComplexity> byLayer(
      ComputationGraphConfiguration conf, InputType... inputTypes) {
    return new Count(conf, inputTypes).byLayer();
  }
}
