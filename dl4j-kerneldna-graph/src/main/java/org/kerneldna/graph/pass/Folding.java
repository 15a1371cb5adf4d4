package org.kerneldna.graph.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.SomeOperations;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Folds constants into kernels. A batch normalisation becomes a factor and an offset per channel,
 * which go into kernel and bias of the node before where that is linear; zeros around images become
 * padding of the convolution after. The program computes the same, up to rounding.
 */
public final class Folding extends SomeOperations<Node> {

  private final Map<String, Node> parameters = new LinkedHashMap<>();

  /** Of all values: a vertex may go by the name that a constant would have. */
  private final Set<String> names;

  /** The others; a folded node stands where the first of its parts stood. */
  private final Rewriting folded;

  private Folding(Program program) {
    folded = new Rewriting(program);
    names = new HashSet<>(program.inputs());
    program.nodes().forEach(node -> names.add(node.name()));
  }

  /**
   * Folds what can be folded.
   *
   * @param program as {@link Inference} leaves it, with parameters that have values
   */
  public static Program of(Program program) {
    Folding folding = new Folding(program);
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      program.nodes().forEach(folding::add);
    }
    List<Node> all =
        Stream.concat(folding.parameters.values().stream(), folding.folded.nodes().stream())
            .toList();
    return Inference.pruned(new Program(program.inputs(), all, program.outputs()));
  }

  private void add(Node node) {
    Node after = node.accept(this);
    if (after.operation() instanceof Parameter) {
      parameters.put(after.name(), after);
    } else if (folded.position(after.name()) < 0) {
      folded.add(after);
    }
  }

  @Override
  protected Node other(Operation op, Node node) {
    return node;
  }

  @Override
  public Node batchNorm(BatchNorm op, Node node) {
    INDArray deviation = Transforms.sqrt(numbers(node.input(4)).add(op.eps()), false);
    INDArray scale = numbers(node.input(1)).div(deviation);
    return affine(node, scale, numbers(node.input(2)).sub(numbers(node.input(3)).mul(scale)));
  }

  @Override
  public Node affine(Affine op, Node node) {
    INDArray scale = numbers(node.input(1));
    INDArray shift = numbers(node.input(2));
    return scale == null || shift == null ? node : affine(node, scale, shift);
  }

  @Override
  public Node convolution(Convolution op, Node node) {
    Optional<Node> before = folded.unread(node.input(0)).filter(n -> n.operation() instanceof Pad);
    if (before.isEmpty() || op.window().same()) {
      return node;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, before.get().input(0));
    return new Node(
        node.name(),
        op.with(op.window().padded((Pad) before.get().operation())),
        inputs,
        node.vertex());
  }

  /** A factor and an offset per channel, in the node before or by themselves. */
  private Node affine(Node node, INDArray scale, INDArray shift) {
    Optional<Node> before = folded.unread(node.input(0)).filter(this::isLinearInNumbers);
    if (before.isEmpty()) {
      String factors = constant(node, "scale", scale);
      String offsets = constant(node, "shift", shift);
      return new Node(
          node.name(), new Affine(), List.of(node.input(0), factors, offsets), node.vertex());
    }
    Node linear = before.get();
    INDArray kernel = numbers(linear.input(1));
    long[] perChannel = new long[kernel.rank()];
    Arrays.fill(perChannel, 1);
    perChannel[linear.operation() instanceof Deconvolution ? 1 : 0] = scale.length();
    INDArray bias =
        linear.inputs().size() > 2 ? numbers(linear.input(2)).mul(scale).addi(shift) : shift;
    List<String> inputs =
        List.of(
            linear.input(0),
            constant(node, "kernel", kernel.mul(scale.reshape(perChannel))),
            constant(node, "bias", bias));
    Node after = new Node(node.name(), biased(linear.operation()), inputs, linear.vertex());
    folded.replace(linear, after);
    return after;
  }

  /** Whether the output is linear in a kernel, and a bias, that are numbers. */
  private boolean isLinearInNumbers(Node node) {
    Operation op = node.operation();
    boolean linear =
        op instanceof Convolution c && c.act().isIdentity() && !c.summed()
            || op instanceof Deconvolution d && d.act().isIdentity()
            || op instanceof Linear l && l.act().isIdentity();
    return linear && node.inputs().stream().skip(1).map(this::numbers).allMatch(Objects::nonNull);
  }

  private static Operation biased(Operation op) {
    if (op instanceof Convolution c) {
      return new Convolution(c.window(), c.groups(), true);
    }
    return op instanceof Deconvolution d
        ? new Deconvolution(d.window(), true, d.act())
        : new Linear(true);
  }

  private String constant(Node of, String what, INDArray values) {
    String name = of.name() + ":" + what;
    while (!names.add(name)) {
      name += "'";
    }
    Parameter parameter = new Parameter(Role.CONSTANT, values, values.shape());
    parameters.put(name, new Node(name, parameter, List.of(), of.vertex()));
    return name;
  }

  /** The numbers of a parameter; null for other values. */
  private INDArray numbers(String name) {
    Node node = parameters.get(name);
    return node == null ? null : ((Parameter) node.operation()).values();
  }
}
