package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What PyTorch training left in a file: tensors, and, where training saved them, the state to go on
 * from. Maps and lists are unmodifiable and keep the file's order.
 *
 * @param file where it was read
 * @param tensorDicts where there are tensors, other than optimizers' state; at least one
 * @param epoch epochs completed, as the file has it: it need not be one of {@link Counts}
 * @param arch the network's name
 * @param bestAcc1 the best top-1 accuracy so far, in percent
 * @param optimizers the state of optimizers, which is usually one
 * @param schedulers the state of learning rate schedulers, as texts, Long, Double, Boolean, lists,
 *     maps, {@link Opaque} or null
 */
public record TorchCheckpoint(
    Path file,
    List<TensorDict> tensorDicts,
    Optional<Number> epoch,
    Optional<String> arch,
    OptionalDouble bestAcc1,
    List<TorchOptimizer> optimizers,
    List<Map<String, Object>> schedulers) {

  /**
   * Reads a file of torch.save, in today's or the legacy format, or a safetensors file. The content
   * decides which it is, not the name.
   *
   * <p>Nothing that the file asks for is run, and nothing is allocated on its word alone. Devices
   * are ignored, and so is what is no tensor, but for what a training goes on from.
   *
   * @throws CheckpointException if it is no such file, is damaged or incomplete, has no tensors, or
   *     would run code in Python
   */
  public static TorchCheckpoint read(Path file) {
    return CheckpointReader.read(file);
  }

  /**
   * The tensors of the dictionary that has most of them, such as a state_dict, under the names in
   * the file.
   */
  public Map<String, Tensor> stateDict() {
    return tensorDicts.stream()
        .max(Comparator.comparingInt(dict -> dict.tensors().size()))
        .orElseThrow()
        .tensors();
  }

  /**
   * The same, with no other tensors than those below {@code key}.
   *
   * @param key the keys, or beginnings of names, that lead to them, with dots between
   * @throws CheckpointException if there are none
   */
  public TorchCheckpoint at(String key) {
    List<TensorDict> below =
        tensorDicts.stream()
            .map(dict -> below(key + ".", dict))
            .filter(dict -> !dict.tensors().isEmpty())
            .toList();
    if (below.isEmpty()) {
      throw new CheckpointException(
          "%s has no tensors at %s, but at %s"
              .formatted(
                  file, quote(key), tensorDicts.stream().map(d -> quote(d.path())).toList()));
    }
    return new TorchCheckpoint(file, below, epoch, arch, bestAcc1, optimizers, schedulers);
  }

  private static TensorDict below(String start, TensorDict dict) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(dict.tensors());
    tensors.keySet().removeIf(name -> !dict.fullName(name).startsWith(start));
    return new TensorDict(dict.path(), tensors, dict.rest());
  }

  /**
   * The tensors of a network, wherever they are in the file and whatever comes before their names,
   * such as {@code module.} of a network that was trained on several GPUs. Of several such places
   * one that is called {@code ema} is taken, else the first. The counters {@code
   * num_batches_tracked} may be missing in the file; those that the network does not have are left
   * out.
   *
   * @param network shapes by name, in order
   * @throws CheckpointException that names the first tensor that is missing, unexpected or has
   *     another shape
   */
  public TorchNetwork network(Map<String, long[]> network) {
    try {
      return new NetworkSearch(tensorDicts, network).find();
    } catch (CheckpointException e) {
      throw e.in(file.toString());
    }
  }

  /** Whether PyTorch counts batches under this name, rather than keep weights. */
  public static boolean isCounter(String name) {
    return name.endsWith("num_batches_tracked");
  }
}
