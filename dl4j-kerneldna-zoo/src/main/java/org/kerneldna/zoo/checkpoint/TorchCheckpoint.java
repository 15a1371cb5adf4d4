package org.kerneldna.zoo.checkpoint;

import static org.kerneldna.zoo.checkpoint.CheckpointException.quote;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What PyTorch training left in a file: the network's tensors, and, where training saved them, the
 * state to go on from. Maps and lists are unmodifiable and keep the file's order.
 *
 * @param file where it was read
 * @param stateDict the tensors by name, without the prefix {@code module.} of a network that was
 *     trained on several GPUs
 * @param epoch epochs completed
 * @param arch the network's name
 * @param bestAcc1 the best top-1 accuracy so far, in percent
 * @param optimizer parameter groups of SGD; empty if there are none or the optimizer was another
 * @param scheduler the learning rate scheduler's state, as texts, Long, Double, Boolean, lists,
 *     maps or null; empty if there is none
 */
public record TorchCheckpoint(
    Path file,
    Map<String, Tensor> stateDict,
    OptionalLong epoch,
    Optional<String> arch,
    OptionalDouble bestAcc1,
    List<ParameterGroup> optimizer,
    Map<String, Object> scheduler) {

  /**
   * Parameters that SGD treats alike.
   *
   * @param momentumBuffers one for each parameter, in the group's order; with one group that is the
   *     order of the network's parameters. Empty for a parameter that was not updated yet
   */
  public record ParameterGroup(
      double lr, double momentum, double weightDecay, List<Optional<Tensor>> momentumBuffers) {}

  /**
   * Reads a file of torch.save, in today's or the legacy format, that holds a {@code state_dict} or
   * a dictionary with one, or a safetensors file. The content decides which it is, not the name.
   *
   * <p>Nothing that the file asks for is run, and nothing is allocated on its word alone. Devices
   * are ignored.
   *
   * @throws CheckpointException if it is no such file, is damaged or incomplete, or asks for
   *     anything that a state_dict does not need
   */
  public static TorchCheckpoint read(Path file) {
    return CheckpointReader.read(file);
  }

  /**
   * Compares names and shapes with those of a network. The counters {@code num_batches_tracked} may
   * be missing on either side.
   *
   * @throws CheckpointException that names the first tensor that is missing, unexpected or has
   *     another shape
   */
  public void requireShapes(Map<String, long[]> network) {
    network.forEach(this::requireShape);
    for (String name : stateDict.keySet()) {
      if (!network.containsKey(name) && !isCounter(name)) {
        throw new CheckpointException(file + ": the network has no tensor " + quote(name));
      }
    }
  }

  private void requireShape(String name, long[] expected) {
    Tensor tensor = stateDict.get(name);
    if (tensor == null) {
      if (isCounter(name)) {
        return;
      }
      throw new CheckpointException(file + ": tensor " + quote(name) + " is missing");
    }
    requireEqual("tensor " + quote(name), tensor, expected);
  }

  /**
   * Compares the momentum buffers with a network's parameters.
   *
   * @param parameters shapes by name, in the network's order
   * @throws CheckpointException if there are not as many, or one has another shape
   */
  public void requireMomentum(Map<String, long[]> parameters) {
    List<Optional<Tensor>> buffers = optimizer.get(0).momentumBuffers();
    if (buffers.size() != parameters.size()) {
      throw new CheckpointException(
          String.format(
              "%s: the optimizer has %d parameters, and the network %d",
              file, buffers.size(), parameters.size()));
    }
    Iterator<Optional<Tensor>> inOrder = buffers.iterator();
    parameters.forEach(
        (name, shape) ->
            inOrder
                .next()
                .ifPresent(
                    buffer ->
                        requireEqual("the momentum buffer of " + quote(name), buffer, shape)));
  }

  private void requireEqual(String what, Tensor tensor, long[] expected) {
    if (!Arrays.equals(tensor.shape(), expected)) {
      throw new CheckpointException(
          String.format(
              "%s: %s has shape %s, and %s in the network",
              file, what, Arrays.toString(tensor.shape()), Arrays.toString(expected)));
    }
  }

  /** Whether PyTorch counts batches under this name, rather than keep weights. */
  public static boolean isCounter(String name) {
    return name.endsWith("num_batches_tracked");
  }
}
