package org.kerneldna.graph.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Program;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps what inference needs: drops dropout and nodes that no output needs, and computes what
 * depends on no input, such as the kernels of children.
 */
public final class Inference {

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, INDArray> constants = new HashMap<>();

  /** The values to read in place of those that only copy them. */
  private final Map<String, String> same = new HashMap<>();

  private Inference() {}

  /** A program that computes the same at inference. */
  public static Program of(Program program) {
    Inference inference = new Inference();
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      program.nodes().forEach(inference::add);
    }
    return pruned(
        new Program(
            program.inputs(),
            inference.nodes,
            program.outputs().stream().map(inference::resolved).toList()));
  }

  private void add(Node original) {
    Node node = original.reading(this::resolved);
    if (node.operation() instanceof Dropout) {
      same.put(node.name(), node.input(0));
      return;
    }
    INDArray value = constant(node);
    if (value != null) {
      constants.put(node.name(), value);
    }
    nodes.add(
        value == null || node.operation() instanceof Parameter
            ? node
            : new Node(
                node.name(),
                new Parameter(Role.CONSTANT, value, value.shape()),
                List.of(),
                node.vertex()));
  }

  /** The numbers that a node gives whatever the network's inputs; null if they are not known. */
  private INDArray constant(Node node) {
    if (node.operation() instanceof Parameter parameter) {
      return parameter.values();
    }
    List<INDArray> inputs = node.inputs().stream().map(constants::get).toList();
    return inputs.isEmpty() || inputs.stream().anyMatch(Objects::isNull)
        ? null
        : node.accept(new Evaluation(inputs));
  }

  private String resolved(String name) {
    return same.getOrDefault(name, name);
  }

  /** The program without nodes that no output needs. */
  public static Program pruned(Program program) {
    Set<String> needed = new HashSet<>(program.outputs());
    List<Node> kept = new ArrayList<>();
    for (int i = program.nodes().size() - 1; i >= 0; i--) {
      Node node = program.nodes().get(i);
      if (needed.contains(node.name())) {
        needed.addAll(node.inputs());
        kept.add(0, node);
      }
    }
    return new Program(program.inputs(), List.copyOf(kept), program.outputs());
  }
}
