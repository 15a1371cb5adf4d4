package org.kerneldna.inference.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Operation.Upsample;
import org.kerneldna.inference.onednn.Place.Caller;
import org.kerneldna.inference.onednn.Place.Constant;
import org.kerneldna.inference.onednn.Place.Slot;

/**
 * Puts what a program computes on a tape: chooses primitives and layouts, computes in place what
 * can be, and leaves the rest to routines in Java.
 */
final class Planner implements Operation.Visitor<Value> {

  static final int INFERENCE = prop_kind.forward_inference.value;

  private final Tape tape = new Tape();
  private final Map<String, Value> values = new HashMap<>();
  private final Shaped shaped;
  private final Convolutions convolutions;
  private final Elementwise elementwise = new Elementwise(tape);
  private final Poolings poolings = new Poolings(tape);
  private final Normalisations normalisations = new Normalisations(tape);
  private final Moves moves = new Moves(tape);

  private Planner(Shaped shaped) {
    this.shaped = shaped;
    this.convolutions = new Convolutions(tape, elementwise, shaped.hasWinograd());
  }

  /** The tape of a program; the native objects on it are the open scope's. */
  static Tape plan(Shaped shaped) {
    Planner planner = new Planner(shaped);
    planner.plan();
    return planner.tape;
  }

  private void plan() {
    List<String> inputs = shaped.program().inputs();
    Map<String, Integer> readers = shaped.program().readers();
    for (int i = 0; i < inputs.size(); i++) {
      values.put(inputs.get(i), new Value(OneDnn.plain(shaped.of(inputs.get(i))), new Caller(i)));
    }
    for (Node node : shaped.program().nodes()) {
      tape.begin(node);
      Value value = node.accept(this);
      values.put(node.name(), value);
      addReaders(node.name(), readers.getOrDefault(node.name(), 0));
      node.inputs().forEach(name -> addReaders(name, -1));
    }
    List<String> outputs = shaped.program().outputs();
    for (int i = 0; i < outputs.size(); i++) {
      Value value = values.get(outputs.get(i));
      Caller caller = new Caller(inputs.size() + i);
      tape.begin(giving(outputs.get(i)));
      tape.copy(value, new Value(OneDnn.plain(value.shape()), caller));
    }
  }

  /** The node whose value this is, which may be an input of the network, too. */
  private Node giving(String value) {
    return shaped.program().nodes().stream()
        .filter(node -> node.name().equals(value))
        .findFirst()
        .orElseGet(() -> new Node(value, new Reshape(), List.of(), value));
  }

  private void addReaders(String name, int more) {
    if (values.get(name).place() instanceof Slot slot) {
      slot.addReaders(more);
    }
  }

  private Value input(Node node, int index) {
    return values.get(node.input(index));
  }

  private long[] shape(Node node) {
    return shaped.of(node.name());
  }

  @Override
  public Value parameter(Parameter op, Node node) {
    var desc = OneDnn.plain(op.shape());
    return new Value(desc, new Constant(node.name(), op.values(), desc));
  }

  @Override
  public Value convolution(Convolution op, Node node) {
    return convolutions.convolution(
        op,
        input(node, 0),
        input(node, 1),
        op.biased() ? input(node, 2) : null,
        op.summed() ? input(node, node.inputs().size() - 1) : null,
        shape(node));
  }

  @Override
  public Value deconvolution(Deconvolution op, Node node) {
    return convolutions.deconvolution(
        op, input(node, 0), input(node, 1), op.biased() ? input(node, 2) : null, shape(node));
  }

  @Override
  public Value linear(Linear op, Node node) {
    return convolutions.linear(
        op, input(node, 0), input(node, 1), op.biased() ? input(node, 2) : null);
  }

  @Override
  public Value embedding(Embedding op, Node node) {
    return moves.embedding(node.vertex(), input(node, 0), input(node, 1), shape(node));
  }

  @Override
  public Value batchNorm(BatchNorm op, Node node) {
    throw new IllegalStateException("\"%s\" is not folded".formatted(node.vertex()));
  }

  @Override
  public Value layerNorm(LayerNorm op, Node node) {
    return normalisations.layerNorm(op, input(node, 0), input(node, 1), input(node, 2));
  }

  @Override
  public Value affine(Affine op, Node node) {
    return elementwise.affine(input(node, 0), input(node, 1), input(node, 2));
  }

  @Override
  public Value arithmetic(Arithmetic op, Node node) {
    return elementwise.arithmetic(op.kind(), op.act(), input(node, 0), input(node, 1), shape(node));
  }

  @Override
  public Value activate(Activate op, Node node) {
    return elementwise.activated(input(node, 0), op.act());
  }

  @Override
  public Value softmax(Softmax op, Node node) {
    return normalisations.softmax(op, input(node, 0));
  }

  @Override
  public Value pool(Pool op, Node node) {
    return poolings.pool(op, input(node, 0), shape(node));
  }

  @Override
  public Value reduce(Reduce op, Node node) {
    return poolings.reduce(op, input(node, 0), shape(node));
  }

  @Override
  public Value concat(Concat op, Node node) {
    return moves.concat(op, node.inputs().stream().map(values::get).toList(), shape(node));
  }

  @Override
  public Value slice(Slice op, Node node) {
    return moves.slice(op, input(node, 0), shape(node));
  }

  @Override
  public Value pad(Pad op, Node node) {
    return moves.pad(op, input(node, 0), shape(node));
  }

  @Override
  public Value upsample(Upsample op, Node node) {
    return moves.upsample(input(node, 0), shape(node));
  }

  @Override
  public Value spaceToDepth(SpaceToDepth op, Node node) {
    return moves.spaceToDepth(op, input(node, 0), shape(node));
  }

  @Override
  public Value localResponseNorm(LocalResponseNorm op, Node node) {
    return normalisations.localResponseNorm(op, input(node, 0));
  }

  @Override
  public Value transpose(Transpose op, Node node) {
    return moves.transpose(op, input(node, 0));
  }

  @Override
  public Value reshape(Reshape op, Node node) {
    return tape.reshaped(input(node, 0), shape(node));
  }

  @Override
  public Value dropout(Dropout op, Node node) {
    return input(node, 0);
  }

  @Override
  public Value opaque(Opaque op, Node node) {
    List<Value> inputs =
        node.inputs().stream().map(values::get).map(tape::plain).map(tape::owned).toList();
    Value output = tape.create(OneDnn.plain(shape(node)));
    long[][] shapes = inputs.stream().map(Value::shape).toArray(long[][]::new);
    tape.run(
        "DL4J",
        memory -> Opaques.run(op.function(), shaped.batch(), shapes, memory),
        Stream.concat(inputs.stream(), Stream.of(output)).toArray(Value[]::new));
    return output;
  }
}
