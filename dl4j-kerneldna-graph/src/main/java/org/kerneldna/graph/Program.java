package org.kerneldna.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.read.GraphReader;

/**
 * A network in the language: nodes, each after those whose values it reads.
 *
 * @param inputs names of the network's inputs, which are values as the network is given them
 * @param outputs names of the values that the network gives, in the order of its outputs
 */
public record Program(List<String> inputs, List<Node> nodes, List<String> outputs) {

  /**
   * Reads a graph, with copies of its parameters as they are now. Later changes of the graph change
   * nothing here.
   */
  public static Program of(ComputationGraph graph) {
    return of(graph, Set.of());
  }

  /**
   * As {@link #of(ComputationGraph)}.
   *
   * @param channelsLast names of inputs that are [N, H, W, C], also where no layer of the graph
   *     tells it; the program is the same but for where it turns them
   */
  public static Program of(ComputationGraph graph, Set<String> channelsLast) {
    return GraphReader.read(graph, channelsLast);
  }

  /** Reads a configuration: parameters have shapes but no values, and nothing can run. */
  public static Program of(ComputationGraphConfiguration configuration) {
    return GraphReader.read(configuration);
  }

  /** The nodes by name. */
  public Map<String, Node> byName() {
    return nodes.stream().collect(Collectors.toMap(Node::name, Function.identity()));
  }

  /** How many nodes read each value; an output has one reader more. */
  public Map<String, Integer> readers() {
    Map<String, Integer> readers = new HashMap<>();
    nodes.forEach(node -> node.inputs().forEach(name -> readers.merge(name, 1, Integer::sum)));
    outputs.forEach(name -> readers.merge(name, 1, Integer::sum));
    return readers;
  }

  /** Names of the values that depend on no input, such as kernels. */
  public Set<String> constants() {
    Set<String> constants = new HashSet<>();
    for (Node node : nodes) {
      if (constants.containsAll(node.inputs())) {
        constants.add(node.name());
      }
    }
    return constants;
  }
}
