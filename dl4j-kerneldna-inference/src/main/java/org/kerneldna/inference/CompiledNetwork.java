package org.kerneldna.inference;

import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.SharedConvolution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link ComputationGraph} compiled for inference: batch normalisations are folded into kernels,
 * children's modulation too, biases, sums and activation functions are part of the convolutions,
 * weights lie in the layout that the processor likes best, and values share memory. It computes
 * what {@link ComputationGraph#output} does, up to rounding.
 *
 * <pre>{@code
 * CompiledNetwork network = CompiledNetwork.of(graph);
 * INDArray probabilities = network.outputSingle(images);
 * }</pre>
 *
 * <p>Any graph will do: what has no compiled form runs as the graph runs it. Convolutions run on
 * oneDNN itself, since ND4J's operations arrange the kernel anew at every call and cannot end with
 * a sum and an activation function. Where oneDNN is not available the graph itself runs.
 *
 * <p>Threads may share a network: each call has memory of its own, which later calls use again.
 * What a batch of a new shape needs is planned at its first call; the shapes used last are kept.
 * The parameters are those the graph had when it was compiled.
 */
public final class CompiledNetwork {

  private static final int SHAPES_KEPT = 8;

  private final ComputationGraph graph;
  private final Program program;
  private final VertexRunner vertices;
  private final Weights weights = new Weights();

  /** Plans that nobody runs, by the shapes of the inputs. */
  private final Map<List<List<Long>>, Deque<Plan>> idle =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<List<Long>>, Deque<Plan>> eldest) {
          return size() > SHAPES_KEPT;
        }
      };

  private CompiledNetwork(ComputationGraph graph) {
    this.graph = graph;
    this.program = Folding.fold(Tracer.trace(graph));
    this.vertices = new VertexRunner(graph, format(graph));
  }

  /** Compiles {@code graph}, which stays as it is. */
  public static CompiledNetwork of(ComputationGraph graph) {
    return new CompiledNetwork(graph);
  }

  /**
   * What the network gives for a batch, as {@link ComputationGraph#output(INDArray...)}.
   *
   * @param inputs one array for each of the graph's inputs, in the graph's layout
   * @return FLOAT arrays, whatever the graph's data type
   * @throws IllegalArgumentException if there are not as many inputs, or they have other channels
   */
  public INDArray[] output(INDArray... inputs) {
    if (inputs.length != program.inputs().size()) {
      throw new IllegalArgumentException(
          "The network takes the inputs %s, got %d".formatted(program.inputs(), inputs.length));
    }
    if (!OneDnn.isAvailable()) {
      return graph.output(inputs);
    }
    INDArray[] arrays = Stream.of(inputs).map(CompiledNetwork::ordered).toArray(INDArray[]::new);
    List<List<Long>> shapes = Stream.of(arrays).map(a -> shape(a)).toList();
    Deque<Plan> plans = plans(shapes);
    Plan plan = plans.poll();
    if (plan == null) {
      plan = plan(arrays);
    }
    INDArray[] outputs = plan.run(vertices, arrays);
    plans.push(plan);
    return outputs;
  }

  /** As {@link #output}, of a network with one output. */
  public INDArray outputSingle(INDArray... inputs) {
    return output(inputs)[0];
  }

  private Deque<Plan> plans(List<List<Long>> shapes) {
    synchronized (idle) {
      return idle.computeIfAbsent(shapes, none -> new ConcurrentLinkedDeque<>());
    }
  }

  private Plan plan(INDArray... inputs) {
    List<memory.desc> layouts =
        Stream.of(inputs).map(x -> vertices.layout(vertices.ofProgram(x.shape()))).toList();
    return Planner.plan(program, weights, vertices, layouts);
  }

  private static List<Long> shape(INDArray array) {
    return Arrays.stream(array.shape()).boxed().toList();
  }

  private static INDArray ordered(INDArray array) {
    INDArray floats = array.castTo(DataType.FLOAT);
    boolean asItLies = floats.ordering() == 'c' && !floats.isView() && floats.offset() == 0;
    return asItLies ? floats : floats.dup('c');
  }

  /** The layout of the graph's images: its convolutions'. */
  private static CNN2DFormat format(ComputationGraph graph) {
    return graph.getConfiguration().getVertices().values().stream()
        .map(
            vertex ->
                vertex instanceof SharedConvolution shared
                    ? shared.getGeometry()
                    : vertex instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : null)
        .filter(ConvolutionLayer.class::isInstance)
        .map(layer -> ((ConvolutionLayer) layer).getCnn2dDataFormat())
        .findFirst()
        .orElse(CNN2DFormat.NCHW);
  }
}
