package org.kerneldna.inference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Runs a graph one vertex at a time, each on copies: DL4J's activation layers write over what they
 * are given, be it the network's input, and others may read that after them.
 */
@UtilityClass
class VertexByVertex {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  /** What {@link ComputationGraph#output} gives. */
  static INDArray[] output(ComputationGraph graph, INDArray... inputs) {
    Map<String, INDArray> values = run(graph, (layer, input) -> {}, inputs);
    return graph.getConfiguration().getNetworkOutputs().stream()
        .map(values::get)
        .toArray(INDArray[]::new);
  }

  /**
   * Fills all parameters at random, so that numbers keep about their size from layer to layer:
   * weights and statistics are made for what a layer gets for these inputs.
   */
  static void fill(ComputationGraph graph, int seed, INDArray... inputs) {
    Nd4j.getRandom().setSeed(seed);
    run(graph, VertexByVertex::fill, inputs);
  }

  private static Map<String, INDArray> run(
      ComputationGraph graph, BiConsumer<Layer, INDArray> before, INDArray... inputs) {
    Map<String, INDArray> values = new HashMap<>();
    List<String> names = graph.getConfiguration().getNetworkInputs();
    IntStream.range(0, inputs.length).forEach(i -> values.put(names.get(i), inputs[i]));
    // Preprocessors ask for the size of the batch.
    graph.setInputs(inputs);
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      if (!vertex.isInputVertex()) {
        values.put(vertex.getVertexName(), forward(graph, vertex, before, values));
      }
    }
    graph.clear();
    return values;
  }

  private static INDArray forward(
      ComputationGraph graph,
      GraphVertex vertex,
      BiConsumer<Layer, INDArray> before,
      Map<String, INDArray> values) {
    List<String> from = graph.getConfiguration().getVertexInputs().get(vertex.getVertexName());
    if (vertex.hasLayer()) {
      before.accept(vertex.getLayer(), values.get(from.get(0)));
    }
    for (int i = 0; i < from.size(); i++) {
      vertex.setInput(i, values.get(from.get(i)).dup(), NO_WORKSPACES);
    }
    INDArray output = vertex.doForward(false, NO_WORKSPACES);
    vertex.clear();
    return output;
  }

  private static void fill(Layer layer, INDArray input) {
    boolean depthwise = layer instanceof DepthwiseConvolution2DLayer;
    double mean = input.castTo(DataType.DOUBLE).meanNumber().doubleValue();
    double spread = Math.sqrt(Math.pow(size(input), 2) - mean * mean) + 1e-3;
    layer
        .paramTable()
        .forEach((name, values) -> values.assign(numbers(name, values, mean, spread, depthwise)));
  }

  /** The root of the mean square. */
  static double size(INDArray x) {
    return x.castTo(DataType.DOUBLE).norm2Number().doubleValue() / Math.sqrt(x.length());
  }

  private static INDArray numbers(
      String name, INDArray old, double mean, double spread, boolean depthwise) {
    long[] shape = old.shape();
    INDArray normal = Nd4j.randn(DataType.DOUBLE, shape);
    INDArray around1 = Nd4j.rand(DataType.DOUBLE, shape).addi(0.5);
    return switch (name) {
      case "gamma", "gateGamma", "gateVar" -> around1;
      case "var" -> around1.muli(spread * spread);
      case "log10stdev" -> Transforms.log(around1, 10, false).addi(Math.log10(spread));
      case "mean" -> normal.muli(0.3 * spread).addi(mean);
      case "s", "f" -> normal.muli(0.3);
      case "gateW2", "pW", "RW" -> weights(normal, depthwise);
      case "W", "gateW1" ->
          shape.length == 3 ? around1.subi(0.5) : weights(normal, depthwise).divi(spread);
      default -> normal.muli(0.2);
    };
  }

  /**
   * Weights [nIn, nOut] or [nOut, nIn, kH, kW]. Where many meet in one number of the output they
   * cancel the mean of the input: else all samples look the same after some layers.
   */
  private static INDArray weights(INDArray normal, boolean depthwise) {
    int[] met =
        normal.rank() == 2 ? new int[] {0} : depthwise ? new int[] {2, 3} : new int[] {1, 2, 3};
    double fanIn = IntStream.of(met).mapToLong(normal::size).reduce(1, (a, b) -> a * b);
    INDArray weights = normal.div(Math.sqrt(fanIn));
    return fanIn < 9 ? weights : weights.sub(weights.mean(true, met));
  }
}
