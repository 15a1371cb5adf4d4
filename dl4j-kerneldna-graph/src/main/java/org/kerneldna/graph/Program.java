package org.kerneldna.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A network in the language: nodes, each after those whose values it reads.
 *
 * @param inputs names of the network's inputs, which are values as the network is given them
 * @param outputs names of the values that the network gives, in the order of its outputs
 */
public record Program(List<String> inputs, List<Node> nodes, List<String> outputs) {

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
