package org.kerneldna.graph.count;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Shapes;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.graph.read.Thawed;

/** A configuration's program, with the shapes of its values for one image. */
final class Count {

  private final ComputationGraphConfiguration conf;
  private final Program program;

  /** The types of vertices, by name, as DL4J infers them. */
  private final Map<String, InputType> types;

  private final Map<String, long[]> shapes;

  Count(ComputationGraphConfiguration conf, InputType... inputTypes) {
    this.conf = conf;
    this.program = GraphReader.read(conf);
    // A copy, since DL4J sets layers up as it infers their types.
    this.types = new HashMap<>(conf.clone().getLayerActivationTypes(inputTypes));
    for (int i = 0; i < inputTypes.length; i++) {
      types.put(conf.getNetworkInputs().get(i), inputTypes[i]);
    }
    long[][] inputs = Stream.of(inputTypes).map(type -> of(1, type)).toArray(long[][]::new);
    this.shapes = Shapes.of(program, this::ofOpaque, inputs);
  }

  List<LayerComplexity> byLayer() {
    Map<String, Long> parameters = new HashMap<>();
    Map<String, Long> macs = new HashMap<>();
    Macs products = new Macs(shapes);
    for (Node node : program.nodes()) {
      parameters.merge(node.vertex(), learned(node), Long::sum);
      macs.merge(node.vertex(), node.accept(products), Long::sum);
    }
    return conf.getVertices().keySet().stream()
        .map(
            name ->
                new LayerComplexity(
                    name,
                    Thawed.configuration(conf.getVertices().get(name)).getClass().getSimpleName(),
                    outputShape(name),
                    parameters.getOrDefault(name, 0L),
                    macs.getOrDefault(name, 0L)))
        .toList();
  }

  private static long learned(Node node) {
    if (node.operation() instanceof Opaque opaque) {
      return opaque.parameters();
    }
    return node.operation() instanceof Parameter parameter
            && (parameter.role() == Role.LEARNED || parameter.role() == Role.FROZEN)
        ? LongStream.of(parameter.shape()).reduce(1, Math::multiplyExact)
        : 0;
  }

  /** DL4J takes the first dimension of a kernel for the batch. */
  private List<Long> outputShape(String vertex) {
    long[] shape =
        program.constants().contains(vertex)
            ? shapes.get(vertex)
            : types.get(vertex).getShape(false);
    return LongStream.of(shape).boxed().toList();
  }

  /**
   * The shape that DL4J infers of a vertex or of a preprocessor; an activation function changes
   * none.
   */
  private long[] ofOpaque(Node node, Opaque op, List<long[]> inputs) {
    GraphVertex vertex = Thawed.vertex(conf.getVertices().get(node.vertex()));
    if (node.name().equals(node.vertex())) {
      return of(batch(vertex, inputs), types.get(node.vertex()));
    }
    if (vertex instanceof LayerVertex layer
        && layer.getPreProcessor() != null
        && layer.getPreProcessor().getClass().getSimpleName().equals(op.kind())) {
      String before = conf.getVertexInputs().get(node.vertex()).get(0);
      InputType type = layer.getPreProcessor().getOutputType(types.get(before));
      return of(batch(vertex, inputs), type);
    }
    return inputs.get(0);
  }

  /** How many samples a vertex gives: as many as it takes, unless it stacks them. */
  private static long batch(GraphVertex vertex, List<long[]> inputs) {
    LongStream samples = inputs.stream().mapToLong(shape -> shape[0]);
    if (vertex instanceof StackVertex) {
      return samples.sum();
    }
    long first = samples.findFirst().orElse(1);
    return vertex instanceof UnstackVertex part ? first / part.getStackSize() : first;
  }

  private static long[] of(long batch, InputType type) {
    return LongStream.concat(LongStream.of(batch), Arrays.stream(type.getShape(false))).toArray();
  }
}
