package org.kerneldna.layers;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** What comes before several vertices of a graph. */
final class CommonAncestor {

  private CommonAncestor() {}

  /**
   * The last vertex or network input that each of {@code names} is or depends on; none if they
   * depend on different network inputs.
   */
  static Optional<String> last(ComputationGraphConfiguration conf, Collection<String> names) {
    Set<String> common = null;
    for (String name : names) {
      Set<String> reached = upTo(conf, name);
      if (common == null) {
        common = reached;
      } else {
        common.retainAll(reached);
      }
    }
    return common.stream().max(Comparator.comparingInt(name -> upTo(conf, name).size()));
  }

  /** A vertex and all that it depends on. */
  private static Set<String> upTo(ComputationGraphConfiguration conf, String name) {
    Set<String> reached = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(name));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (reached.add(next)) {
        open.addAll(conf.getVertexInputs().getOrDefault(next, List.of()));
      }
    }
    return reached;
  }
}
