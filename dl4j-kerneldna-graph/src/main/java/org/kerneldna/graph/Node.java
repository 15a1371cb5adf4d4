package org.kerneldna.graph;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One operation of a {@link Program}, and the value that it computes.
 *
 * @param name of the node and of its value; the last node of a vertex goes by the vertex's name
 * @param inputs names of the values that it reads, in the order that the operation says
 * @param vertex the vertex of the graph that it comes from
 */
public record Node(String name, Operation operation, List<String> inputs, String vertex) {

  /** Calls the method of {@code visitor} for its operation. */
  public <R> R accept(Operation.Visitor<R> visitor) {
    return operation.accept(visitor, this);
  }

  public String input(int index) {
    return inputs.get(index);
  }

  /** The same, reading other values. */
  public Node reading(UnaryOperator<String> renamed) {
    return new Node(name, operation, inputs.stream().map(renamed).toList(), vertex);
  }
}
