package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;

import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.dnnl.primitive_desc_base;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.SomeOperations;
import org.kerneldna.inference.onednn.Description.Line;
import org.kerneldna.inference.onednn.Place.Caller;

/** What runs at one go, on values. */
sealed interface Step {

  /** The node that it belongs to. */
  Node node();

  Collection<Value> values();

  /** It, for people. */
  default Line line() {
    return new Line(
        node().vertex(),
        operation(),
        kind(),
        implementation(),
        LongStream.of(output().shape()).boxed().toList(),
        OneDnn.layout(output().desc()),
        this instanceof Routine && node().operation() instanceof Opaque left ? left.reason() : null,
        null);
  }

  String kind();

  String implementation();

  Value output();

  private String operation() {
    if (output().place() instanceof Caller) {
      return "Output";
    }
    if (node().operation() instanceof Opaque left) {
      return left.kind();
    }
    return node().operation().getClass().getSimpleName() + node().accept(new Ending());
  }

  /** What an operation does more than its name says. */
  final class Ending extends SomeOperations<String> {

    @Override
    protected String other(Operation op, Node node) {
      return "";
    }

    @Override
    public String convolution(Convolution op, Node node) {
      return (op.summed() ? " + sum" : "") + ending(op.act());
    }

    @Override
    public String deconvolution(Deconvolution op, Node node) {
      return ending(op.act());
    }

    @Override
    public String linear(Linear op, Node node) {
      return ending(op.act());
    }

    @Override
    public String arithmetic(Arithmetic op, Node node) {
      return " " + lower(op.kind()) + ending(op.act());
    }

    @Override
    public String activate(Activate op, Node node) {
      return " " + lower(op.act().function());
    }
  }

  private static String ending(Nonlinearity act) {
    return act.isIdentity() ? "" : " + " + lower(act.function());
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /**
   * A primitive of oneDNN's.
   *
   * @param arguments by the number that oneDNN knows them by
   */
  record Primitive(Node node, primitive_desc_base chosen, Map<Integer, Value> arguments)
      implements Step {
    @Override
    public Collection<Value> values() {
      return arguments.values();
    }

    @Override
    public String kind() {
      return chosen.get_kind().toString();
    }

    @Override
    public String implementation() {
      return chosen.impl_info_str().getString();
    }

    @Override
    public Value output() {
      return arguments.get(DNNL_ARG_DST);
    }
  }

  /**
   * A routine in Java on values of the plan's own memory.
   *
   * @param name for people
   * @param values that it reads, then the one that it writes
   */
  record Routine(Node node, String name, List<Value> values, Body body) implements Step {

    @Override
    public String kind() {
      return name;
    }

    @Override
    public String implementation() {
      return "Java";
    }

    @Override
    public Value output() {
      return values.get(values.size() - 1);
    }

    /** Reads and writes the values' memory. */
    @FunctionalInterface
    interface Body {
      void run(FloatBuffer... memory);
    }
  }
}
