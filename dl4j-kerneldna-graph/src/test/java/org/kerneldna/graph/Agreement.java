package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Fusion;
import org.kerneldna.graph.pass.Inference;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares what is read of a graph, and what the passes make of it, with the graph. */
final class Agreement {

  private static final double TOLERANCE = 1e-5;

  private Agreement() {}

  /**
   * Asserts that the program computes what the graph computes, before and after every pass, that
   * its shapes are right, and that the configuration alone reads alike.
   *
   * @param inputs FLOAT
   * @return the program as it is read
   */
  static Program of(ComputationGraph graph, INDArray... inputs) {
    // DL4J's activation layers write into what they are given.
    INDArray[] copies = Arrays.stream(inputs).map(INDArray::dup).toArray(INDArray[]::new);
    INDArray[] expected = graph.output(false, copies);
    Program read = Program.of(graph);
    Map<String, INDArray> values = Interpreter.values(read, inputs);
    same("read", read, values, expected);
    shaped(read, values, inputs);
    Program inference = Inference.of(read);
    same("for inference", inference, Interpreter.values(inference, inputs), expected);
    Program folded = Folding.of(inference);
    values = Interpreter.values(folded, inputs);
    same("folded", folded, values, expected);
    Program fused = Fusion.of(folded, shaped(folded, values, inputs));
    same("fused", fused, Interpreter.values(fused, inputs), expected);

    Program configured = Program.of(graph.getConfiguration());
    assertThat(configured.nodes()).extracting(Node::name).isEqualTo(names(read));
    assertThat(configured.outputs()).isEqualTo(read.outputs());
    return read;
  }

  /** The kinds of what is left to DL4J. */
  static List<String> opaque(Program program) {
    return program.nodes().stream()
        .filter(node -> node.operation() instanceof Opaque)
        .map(node -> ((Opaque) node.operation()).kind())
        .toList();
  }

  /** The same graph with parameters of common sizes, none of them 0. */
  static ComputationGraph filled(ComputationGraph graph) {
    graph.init();
    Random random = new Random(7);
    for (Layer layer : graph.getLayers()) {
      layer
          .paramTable()
          .forEach(
              (key, values) -> {
                boolean positive = key.equals("var") || key.equals("gamma");
                double least = positive ? 0.5 : -0.5;
                INDArray numbers = Nd4j.createUninitialized(DataType.FLOAT, values.shape(), 'c');
                for (long i = 0; i < numbers.length(); i++) {
                  numbers.putScalar(i, least + random.nextDouble());
                }
                values.assign(numbers);
              });
    }
    return graph;
  }

  /** Numbers between -2 and 2. */
  static INDArray numbers(long... shape) {
    Random random = new Random(3);
    INDArray numbers = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    for (long i = 0; i < numbers.length(); i++) {
      numbers.putScalar(i, 4 * random.nextDouble() - 2);
    }
    return numbers;
  }

  private static List<String> names(Program program) {
    return program.nodes().stream().map(Node::name).toList();
  }

  private static void same(
      String what, Program program, Map<String, INDArray> values, INDArray... expected) {
    for (int i = 0; i < expected.length; i++) {
      INDArray actual = values.get(program.outputs().get(i));
      assertThat(actual.shape())
          .as("shape of output %d, %s", i, what)
          .isEqualTo(expected[i].shape());
      INDArray right = expected[i].castTo(DataType.DOUBLE);
      double size = Math.max(1e-3, right.amaxNumber().doubleValue());
      assertThat(size).as("size of output %d", i).isFinite();
      double apart = right.sub(actual).amaxNumber().doubleValue();
      assertThat(apart / size).as("difference of output %d, %s", i, what).isLessThan(TOLERANCE);
    }
  }

  private static Map<String, long[]> shaped(
      Program program, Map<String, INDArray> values, INDArray... inputs) {
    long[][] sizes = new long[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      sizes[i] = inputs[i].shape();
    }
    var shapes = Shapes.of(program, (node, op, of) -> values.get(node.name()).shape(), sizes);
    Interpreter.shapes(values)
        .forEach((name, shape) -> assertThat(shapes.get(name)).as(name).isEqualTo(shape));
    return shapes;
  }
}
