package org.kerneldna.inference;

import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.nativeblas.NativeOpsHolder;

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
 * Large batches run in parts, so that a layer finds in the processor's cache what the one before it
 * wrote. The parameters are those the graph had when it was compiled.
 */
public final class CompiledNetwork {

  private static final int SHAPES_KEPT = 8;

  /** Bytes that a thread finds in cache, about: its core's own and a share of the last one. */
  private static final long CACHE_OF_THREAD = 12 << 20;

  private final ComputationGraph graph;
  private final long cache;
  private final Program program;
  private final VertexRunner vertices;
  private final Weights weights = new Weights();

  /**
   * Whether batches may be cut. Winograd's algorithm has the larger part of its memory in kernels,
   * which small batches read too often.
   */
  private final boolean cut;

  /** Plans that nobody runs, by the shapes of the inputs. */
  private final Map<List<List<Long>>, Deque<Plan>> idle = latest();

  /** Bytes of values in between for a single image, by the shapes of the inputs for it. */
  private final Map<List<List<Long>>, Long> bytesOfOne = latest();

  /**
   * @param cache bytes of values in between that a part of a batch may have
   */
  CompiledNetwork(ComputationGraph graph, long cache) {
    this.graph = graph;
    this.cache = cache;
    this.program = Folding.fold(Tracer.trace(graph));
    this.vertices = new VertexRunner(graph, format(graph));
    this.cut = program.keepsImagesApart() && !program.hasWinograd();
  }

  /** Compiles {@code graph}, which stays as it is. */
  public static CompiledNetwork of(ComputationGraph graph) {
    int threads = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
    return new CompiledNetwork(graph, threads * CACHE_OF_THREAD);
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
    INDArray[] arrays =
        Stream.of(inputs).map(x -> Dense.of(x.castTo(DataType.FLOAT))).toArray(INDArray[]::new);
    int parts = parts(arrays);
    return parts == 1 ? run(arrays) : runInParts(parts, arrays);
  }

  /** Into how many parts to cut a batch, so that what a layer writes is in cache for the next. */
  private int parts(INDArray... arrays) {
    long images = arrays[0].size(0);
    boolean several = images > 1 && Stream.of(arrays).allMatch(array -> array.size(0) == images);
    if (!cut || !several) {
      return 1;
    }
    INDArray[] one = images(0, 1, arrays);
    long bytes;
    synchronized (bytesOfOne) {
      bytes = bytesOfOne.computeIfAbsent(shapes(one), none -> plan(one).bytes());
    }
    long together = Math.max(1, cache / Math.max(1, bytes));
    return (int) ((images + together - 1) / together);
  }

  private INDArray[] runInParts(int parts, INDArray... arrays) {
    long images = arrays[0].size(0);
    INDArray[][] outputs = new INDArray[parts][];
    for (int i = 0; i < parts; i++) {
      outputs[i] = run(images(i * images / parts, (i + 1) * images / parts, arrays));
    }
    return IntStream.range(0, outputs[0].length)
        .mapToObj(k -> Nd4j.concat(0, Stream.of(outputs).map(o -> o[k]).toArray(INDArray[]::new)))
        .toArray(INDArray[]::new);
  }

  private static INDArray[] images(long from, long to, INDArray... arrays) {
    return Stream.of(arrays)
        .map(array -> array.get(NDArrayIndex.interval(from, to)))
        .toArray(INDArray[]::new);
  }

  private INDArray[] run(INDArray... arrays) {
    Deque<Plan> plans = plans(shapes(arrays));
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

  private static List<List<Long>> shapes(INDArray... arrays) {
    return Stream.of(arrays).map(array -> Arrays.stream(array.shape()).boxed().toList()).toList();
  }

  private static <V> Map<List<List<Long>>, V> latest() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<List<List<Long>>, V> eldest) {
        return size() > SHAPES_KEPT;
      }
    };
  }

  /** The layout of the graph's images: its convolutions'. */
  private static CNN2DFormat format(ComputationGraph graph) {
    return graph.getConfiguration().getVertices().values().stream()
        .map(Tracer::unfrozen)
        .map(
            vertex ->
                vertex instanceof SharedConvolution shared
                    ? shared.getGeometry()
                    : vertex instanceof LayerVertex layer
                        ? Tracer.unfrozen(layer.getLayerConf().getLayer())
                        : null)
        .filter(ConvolutionLayer.class::isInstance)
        .map(layer -> ((ConvolutionLayer) layer).getCnn2dDataFormat())
        .findFirst()
        .orElse(CNN2DFormat.NCHW);
  }
}
