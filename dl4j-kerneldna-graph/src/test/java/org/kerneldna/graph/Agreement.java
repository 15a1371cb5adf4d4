package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Fusion;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.graph.read.Thawed;
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
    Program read = GraphReader.read(graph);
    INDArray[] expected = outputs(graph, inputs);
    same("read", read, inputs, expected);
    Program inference = Inference.of(read);
    same("for inference", inference, inputs, expected);
    Program folded = Folding.of(inference);
    Map<String, INDArray> values = same("folded", folded, inputs, expected);
    Shapes.OfOpaque computed = (node, op, of) -> values.get(node.name()).shape();
    Program fused = Fusion.of(folded, Shapes.of(folded, computed, shapes(inputs)));
    same("fused", fused, inputs, expected);

    Program configured = GraphReader.read(graph.getConfiguration());
    assertThat(configured.nodes()).extracting(Node::name).isEqualTo(names(read));
    assertThat(configured.outputs()).isEqualTo(read.outputs());
    return read;
  }

  /** The same for a large graph, only after all passes, and at each vertex that is left. */
  static Program afterPasses(ComputationGraph graph, INDArray... inputs) {
    Program read = GraphReader.read(graph);
    Program folded = Folding.of(Inference.of(read));
    Program fused = Fusion.of(folded, Shapes.of(folded, null, shapes(inputs)));
    var values = same("fused", fused, inputs, outputs(graph, inputs));
    Set<String> overwritten = readByActivationLayers(graph);
    INDArray[] copies = Arrays.stream(inputs).map(INDArray::dup).toArray(INDArray[]::new);
    graph
        .feedForward(copies, false)
        .forEach(
            (vertex, expected) -> {
              INDArray actual = values.get(vertex);
              if (actual != null && !overwritten.contains(vertex)) {
                assertThat(apart(actual, expected)).as(vertex).isLessThan(TOLERANCE);
              }
            });
    return read;
  }

  /** DL4J's activation layers write into what they are given. */
  private static Set<String> readByActivationLayers(ComputationGraph graph) {
    var conf = graph.getConfiguration();
    Set<String> names = new HashSet<>();
    conf.getVertices()
        .forEach(
            (name, vertex) -> {
              if (Thawed.configuration(vertex) instanceof ActivationLayer) {
                names.addAll(conf.getVertexInputs().get(name));
              }
            });
    return names;
  }

  /** The largest difference, over the largest number. */
  private static double apart(INDArray actual, INDArray expected) {
    INDArray right = expected.castTo(DataType.DOUBLE);
    double size = right.amaxNumber().doubleValue();
    assertThat(size).isFinite();
    return right.sub(actual).amaxNumber().doubleValue() / Math.max(1e-3, size);
  }

  private static INDArray[] outputs(ComputationGraph graph, INDArray... inputs) {
    return graph.output(false, Arrays.stream(inputs).map(INDArray::dup).toArray(INDArray[]::new));
  }

  private static long[][] shapes(INDArray... inputs) {
    return Arrays.stream(inputs).map(INDArray::shape).toArray(long[][]::new);
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

  /** Such numbers as n images of c channels in a layout. */
  static INDArray images(CNN2DFormat format, long n, long c, long h, long w) {
    return format == CNN2DFormat.NCHW ? numbers(n, c, h, w) : numbers(n, h, w, c);
  }

  private static List<String> names(Program program) {
    return program.nodes().stream().map(Node::name).toList();
  }

  private static Map<String, INDArray> same(
      String what, Program program, INDArray[] inputs, INDArray... expected) {
    Map<String, INDArray> values = Interpreter.values(program, inputs);
    for (int i = 0; i < expected.length; i++) {
      INDArray actual = values.get(program.outputs().get(i));
      assertThat(actual.shape())
          .as("shape of output %d, %s", i, what)
          .isEqualTo(expected[i].shape());
      assertThat(apart(actual, expected[i])).as("output %d, %s", i, what).isLessThan(TOLERANCE);
    }
    return values;
  }
}
