package org.kerneldna.zoo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.math.Dense;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.Counts;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchNetwork;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.zoo.StateDict.Entry;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves weights between a graph of the zoo and PyTorch's files, in PyTorch's names, order and
 * shapes. What PyTorch counts as {@code num_batches_tracked} is the graph's iteration count. All
 * that is to be written is checked first: what fails leaves the graph as it was.
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
   * The count is the highest of its {@code num_batches_tracked}, and stays as it is without one. A
   * number that is no count is passed over: PyTorch computes nothing from it, and what rounds a
   * whole file to float16 leaves infinity there.
   *
   * @return where in the file they were
   * @throws CheckpointException if a tensor is missing, unexpected or has another shape; the graph
   *     is as before then
   * @throws IllegalArgumentException if the graph is of another network; it is as before then
   */
  public TorchNetwork load(TorchCheckpoint checkpoint, ComputationGraph graph) {
    TorchNetwork network = checkpoint.network(stateDict.shapes());
    StateDict.Changes changes = stateDict.new Changes();
    List<Integer> batches = new ArrayList<>();
    network
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (TorchCheckpoint.isCounter(name)) {
                Counts.of(tensor.toDoubles()[0]).ifPresent(batches::add);
              } else {
                changes.set(StateDict.parameters(graph), name, array(tensor));
              }
            });
    changes.write();
    batches.stream()
        .max(Comparator.naturalOrder())
        .ifPresent(graph.getConfiguration()::setIterationCount);
    return network;
  }

  /**
   * Sets what the updater keeps as an optimizer of PyTorch has it, the momentum of SGD or the means
   * of Adam; where that has nothing yet, to 0.
   *
   * @param graph whose updater is of the optimizer's kind
   * @return whether the optimizer's parameters are the network's; if not, nothing happens
   * @throws IllegalArgumentException if the updater keeps less than the optimizer; it is as before
   *     then
   */
  public boolean loadOptimizer(TorchOptimizer optimizer, ComputationGraph graph) {
    Optional<List<List<Entry>>> groups = new OptimizerGroups(stateDict, optimizer).entries();
    List<String> slots = optimizer.kind().slots();
    if (groups.isEmpty() || slots.isEmpty()) {
      return false;
    }
    StateDict.Changes changes = stateDict.new Changes();
    for (int slot = 0; slot < slots.size(); slot++) {
      StateDict.Table table = StateDict.updaterState(graph, slot);
      for (int g = 0; g < groups.get().size(); g++) {
        List<Map<String, Tensor>> states = optimizer.groups().get(g).states();
        for (int i = 0; i < states.size(); i++) {
          Entry entry = groups.get().get(g).get(i);
          Tensor tensor = states.get(i).get(slots.get(slot));
          changes.set(
              table, entry.name(), tensor == null ? Nd4j.zeros(entry.shape()) : array(tensor));
        }
      }
    }
    changes.write();
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

  private static INDArray array(Tensor tensor) {
    return Nd4j.create(tensor.toFloats(), tensor.shape(), 'c');
  }
}
