package org.kerneldna.zoo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.math.Dense;
import org.kerneldna.zoo.StateDict.Entry;
import org.kerneldna.zoo.StateDict.Kind;
import org.kerneldna.zoo.checkpoint.CheckpointException;
import org.kerneldna.zoo.checkpoint.Tensor;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint.ParameterGroup;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves weights between a graph of the zoo and PyTorch's files, in PyTorch's names, order and
 * shapes. What PyTorch counts as {@code num_batches_tracked} is the graph's iteration count.
 */
@RequiredArgsConstructor
public final class TorchWeights {

  private final StateDict stateDict;

  /** The weights of what {@code network} builds. */
  public static TorchWeights of(ZooNetwork network) {
    return new TorchWeights(network.stateDict());
  }

  /**
   * Sets all parameters, running statistics and the iteration count, as the checkpoint has them.
   *
   * @throws CheckpointException if a tensor is missing, unexpected or has another shape; the graph
   *     is as before then
   */
  public void load(TorchCheckpoint checkpoint, ComputationGraph graph) {
    checkpoint.requireShapes(shapes(stateDict.entries()));
    checkpoint
        .stateDict()
        .forEach(
            (name, tensor) -> {
              if (TorchCheckpoint.isCounter(name)) {
                graph.getConfiguration().setIterationCount((int) tensor.toDoubles()[0]);
              } else {
                stateDict.write(graph, name, array(tensor));
              }
            });
  }

  /**
   * Sets the momentum buffers as the checkpoint has them; where it has none yet, to 0.
   *
   * @return whether the checkpoint has the state of SGD over all parameters in one group, as
   *     PyTorch's {@code SGD(model.parameters())} has it; if not, nothing happens
   * @throws CheckpointException if the buffers do not fit the network's parameters
   */
  public boolean loadMomentum(TorchCheckpoint checkpoint, ComputationGraph graph) {
    if (checkpoint.optimizer().size() != 1) {
      return false;
    }
    ParameterGroup group = checkpoint.optimizer().get(0);
    List<Entry> parameters =
        stateDict.entries().stream().filter(entry -> entry.kind() == Kind.PARAMETER).toList();
    checkpoint.requireMomentum(shapes(parameters));
    StateDict.Table momentum = StateDict.momentum(graph);
    for (int i = 0; i < parameters.size(); i++) {
      Entry entry = parameters.get(i);
      Optional<Tensor> buffer = group.momentumBuffers().get(i);
      stateDict.write(
          momentum,
          entry.name(),
          buffer.map(TorchWeights::array).orElseGet(() -> Nd4j.zeros(entry.shape())));
    }
    return true;
  }

  /** All tensors of the graph, in PyTorch's order, as float32; the counters as int64. */
  public Map<String, Tensor> read(ComputationGraph graph) {
    Map<String, INDArray> values = stateDict.read(graph);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry entry : stateDict.entries()) {
      INDArray array = values.get(entry.name());
      tensors.put(
          entry.name(),
          array == null
              ? Tensor.of(graph.getIterationCount())
              : Tensor.of(entry.shape(), Dense.floats(array)));
    }
    return tensors;
  }

  private static Map<String, long[]> shapes(List<Entry> entries) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    entries.forEach(entry -> shapes.put(entry.name(), entry.shape()));
    return shapes;
  }

  private static INDArray array(Tensor tensor) {
    return Nd4j.create(tensor.toFloats(), tensor.shape(), 'c');
  }
}
