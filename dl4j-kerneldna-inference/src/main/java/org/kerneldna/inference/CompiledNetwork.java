package org.kerneldna.inference;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.graph.read.Snapshot;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.inference.onednn.Executable;
import org.kerneldna.inference.onednn.OneDnn;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A {@link ComputationGraph} compiled for inference: batch normalisations are folded into kernels,
 * children's modulation too, biases, sums and activation functions are part of the convolutions,
 * weights lie in the layout that the processor likes best, and values share memory. It computes
 * what {@link ComputationGraph#output} does, up to rounding; but NaN may become a number, of which
 * ReLU makes 0 here.
 *
 * <pre>{@code
 * try (CompiledNetwork network = CompiledNetwork.of(graph)) {
 *   INDArray probabilities = network.outputSingle(images);
 * }
 * }</pre>
 *
 * <p>Any graph will do: DL4J computes what has no compiled form. Convolutions run on oneDNN itself,
 * since ND4J's operations arrange the kernel anew at every call and cannot end with a sum and an
 * activation function. Where oneDNN is not available a copy of the graph runs.
 *
 * <p>Threads may share a network: each call has memory of its own, which later calls use again.
 * What a batch of a new shape needs is planned at its first call; the plans used last are kept.
 * Large batches run in parts, so that a layer finds in the processor's cache what the one before it
 * wrote. The parameters are those the graph had when it was compiled, and nothing here changes the
 * graph.
 *
 * <p>A network holds native memory, {@link #bytes}, until it is closed or, later, collected.
 */
public final class CompiledNetwork implements AutoCloseable {

  private static final Cleaner CLEANER = Cleaner.create();

  /** Bytes that a thread finds in cache, about: its core's own and a share of the last one. */
  private static final long CACHE_OF_THREAD = 12 << 20;

  private final Program program;
  private final Executable executable;
  private final Cleaner.Cleanable closing;

  /** Runs where oneDNN is not available; null where it is. */
  private final ComputationGraph graph;

  /**
   * @param cache bytes of values in between that a part of a batch may have
   */
  CompiledNetwork(ComputationGraph graph, long cache) {
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      Program read = GraphReader.read(graph);
      program = Folding.of(Inference.of(read));
      executable = new Executable(program, cache);
      executable.discard(read);
      closing = CLEANER.register(this, executable::close);
      this.graph = OneDnn.isAvailable() ? null : Snapshot.copy(graph);
    }
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
   * @return FLOAT arrays, whatever the graph's data type, outside of workspaces
   * @throws IllegalArgumentException if there are not as many inputs, or they do not fit; names the
   *     vertex
   * @throws IllegalStateException if the network is closed
   */
  public INDArray[] output(INDArray... inputs) {
    requireInputs(shapes(inputs));
    if (graph != null) {
      return executable.whileOpen(() -> floats(graph.output(inputs)));
    }
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      return executable.run(arranged(inputs));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void requireInputs(long[]... shapes) {
    if (shapes.length != program.inputs().size()) {
      throw new IllegalArgumentException(
          "The network takes the inputs %s, got %d".formatted(program.inputs(), shapes.length));
    }
    for (int i = 0; i < shapes.length; i++) {
      if (shapes[i].length == 0 || LongStream.of(shapes[i]).anyMatch(size -> size < 1)) {
        throw new IllegalArgumentException(
            "The input \"%s\" is empty or no batch, its shape is %s"
                .formatted(program.inputs().get(i), Arrays.toString(shapes[i])));
      }
    }
  }

  private static long[][] shapes(INDArray... inputs) {
    return Stream.of(inputs).map(INDArray::shape).toArray(long[][]::new);
  }

  /** As {@link #output}, of a network with one output. */
  public INDArray outputSingle(INDArray... inputs) {
    return output(inputs)[0];
  }

  /**
   * How inputs of these shapes are computed: which primitives run, and what is left to DL4J, and
   * why.
   *
   * @param inputs shapes of the inputs, as for {@link #output}
   * @return without lines where oneDNN is not available
   * @throws IllegalArgumentException if the inputs do not fit; names the vertex
   * @throws IllegalStateException if the network is closed
   */
  public Description describe(long[]... inputs) {
    requireInputs(inputs);
    if (graph != null) {
      return executable.whileOpen(() -> new Description(List.of(), 1));
    }
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      return executable.describe(List.of(inputs));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * As {@link #describe}, with the time of each primitive.
   *
   * @param passes how many to take the mean of, 1 at least
   */
  public Description profile(int passes, INDArray... inputs) {
    requireInputs(shapes(inputs));
    if (passes < 1) {
      throw new IllegalArgumentException(
          "The mean of %d passes is nothing: take 1 or more".formatted(passes));
    }
    if (graph != null) {
      return executable.whileOpen(() -> new Description(List.of(), 1));
    }
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      return executable.profile(passes, arranged(inputs));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static INDArray[] arranged(INDArray... inputs) {
    return Stream.of(floats(inputs)).map(Dense::of).toArray(INDArray[]::new);
  }

  private static INDArray[] floats(INDArray... arrays) {
    return Stream.of(arrays).map(array -> array.castTo(DataType.FLOAT)).toArray(INDArray[]::new);
  }

  /**
   * The native memory that the network holds: parameters, these packed for the processor, and plans
   * with their values in between. What DL4J holds for vertices that are left to it is not counted.
   */
  public long bytes() {
    return executable.bytes();
  }

  /** The owner of the memory, which outlives a network that was dropped. */
  Executable executable() {
    return executable;
  }

  /**
   * Releases the network's memory. Calls that run finish first, in their threads; later ones fail.
   * To close twice does nothing.
   */
  @Override
  public void close() {
    closing.clean();
  }
}
