package org.kerneldna.graph.pass;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.SomeOperations;

/**
 * Makes fewer nodes: a sum whose other addend is there before becomes a part of the convolution
 * that computes the later one, and an elementwise function a part of the node before. A fused node
 * stands where the first of its parts stood and goes by the name of the last.
 */
public final class Fusion extends SomeOperations<Optional<Node>> {

  private final Map<String, long[]> shapes;
  private final Rewriting fused;

  private Fusion(Program program, Map<String, long[]> shapes) {
    this.fused = new Rewriting(program);
    this.shapes = shapes;
  }

  /**
   * Fuses what can be fused.
   *
   * @param shapes of all values: a sum that broadcasts is no part of a convolution
   */
  public static Program of(Program program, Map<String, long[]> shapes) {
    Fusion fusion = new Fusion(program, shapes);
    program.nodes().forEach(fusion::add);
    return new Program(program.inputs(), fusion.fused.nodes(), program.outputs());
  }

  private void add(Node node) {
    if (node.accept(this).isEmpty()) {
      fused.add(node);
    }
  }

  @Override
  protected Optional<Node> other(Operation op, Node node) {
    return Optional.empty();
  }

  @Override
  public Optional<Node> activate(Activate op, Node node) {
    return fused
        .unread(node.input(0))
        .flatMap(
            before ->
                ending(before.operation(), op.act())
                    .map(ended -> replace(before, ended, before.inputs(), node.name())));
  }

  @Override
  public Optional<Node> arithmetic(Arithmetic op, Node node) {
    return latest(node)
        .filter(before -> op.kind() == Arithmetic.Kind.ADD && isOpenConvolution(before))
        .filter(before -> node.inputs().stream().allMatch(name -> isShaped(name, before.name())))
        .map(
            before -> {
              Convolution c = (Convolution) before.operation();
              String addend = node.input(node.input(0).equals(before.name()) ? 1 : 0);
              List<String> inputs =
                  Stream.concat(before.inputs().stream(), Stream.of(addend)).toList();
              return replace(before, c.plus().then(op.act()), inputs, node.name());
            });
  }

  /** The operation that ends with this function, if it can and ends with none yet. */
  private static Optional<Operation> ending(Operation op, Nonlinearity act) {
    if (op instanceof Convolution c && c.act().isIdentity()) {
      return Optional.of(c.then(act));
    }
    if (op instanceof Deconvolution d && d.act().isIdentity()) {
      return Optional.of(new Deconvolution(d.window(), d.biased(), act));
    }
    if (op instanceof Linear l && l.act().isIdentity()) {
      return Optional.of(new Linear(l.biased(), act));
    }
    return op instanceof Arithmetic a && a.act().isIdentity()
        ? Optional.of(new Arithmetic(a.kind(), act))
        : Optional.empty();
  }

  /** The node that computes the later of two inputs, if no other node reads it. */
  private Optional<Node> latest(Node node) {
    return node.inputs().stream()
        .max(Comparator.comparingInt(fused::position))
        .flatMap(fused::unread);
  }

  private static boolean isOpenConvolution(Node node) {
    return node.operation() instanceof Convolution c && c.act().isIdentity() && !c.summed();
  }

  private boolean isShaped(String name, String as) {
    return Arrays.equals(shapes.get(name), shapes.get(as));
  }

  private Node replace(Node before, Operation op, List<String> inputs, String name) {
    Node after = new Node(name, op, inputs, before.vertex());
    fused.replace(before, after);
    return after;
  }
}
