package org.kerneldna.graph.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Program;

/** The nodes of a program that is made of another one, in order. */
final class Rewriting {

  private final Map<String, Integer> readers;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();

  /**
   * @param program the original, which says how many nodes read a value
   */
  Rewriting(Program program) {
    readers = program.readers();
  }

  List<Node> nodes() {
    return List.copyOf(nodes);
  }

  void add(Node node) {
    positions.put(node.name(), nodes.size());
    nodes.add(node);
  }

  /** Puts a node, whatever its name, where another one stands. */
  void replace(Node before, Node after) {
    int position = positions.remove(before.name());
    positions.put(after.name(), position);
    nodes.set(position, after);
  }

  /** Where the node stands that computes {@code name}; -1 if it is none of these. */
  int position(String name) {
    return positions.getOrDefault(name, -1);
  }

  /** The node that computes {@code name}, if it has one reader. */
  Optional<Node> unread(String name) {
    int position = position(name);
    return position >= 0 && readers.get(name) == 1
        ? Optional.of(nodes.get(position))
        : Optional.empty();
  }
}
