package org.kerneldna.train;

import java.util.List;
import java.util.Optional;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.StateDict;
import org.kerneldna.zoo.TorchWeights;
import org.kerneldna.zoo.ZooNetwork;
import org.kerneldna.zoo.checkpoint.CheckpointException;
import org.kerneldna.zoo.checkpoint.Tensor;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint.ParameterGroup;

/**
 * A training in PyTorch, to go on with here: the network, and, where the file has them, recipe,
 * epoch, best top-1 and momentum as the reference's program saves them.
 */
@RequiredArgsConstructor
public final class TorchTraining {

  private final TorchCheckpoint torch;
  private final ModelSpec model;

  /**
   * A checkpoint and what it could not take over.
   *
   * @param momentum whether the file had momentum buffers; without, they start at 0
   */
  public record Imported(Checkpoint checkpoint, boolean momentum) {}

  /** How many classes the network of the file tells apart. */
  public int classes() {
    requireSameKind();
    List<StateDict.Entry> entries = model.network(1, recipe()).stateDict().entries();
    String bias = entries.get(entries.size() - 1).name();
    Tensor values = torch.stateDict().get(bias);
    if (values == null) {
      throw new InputException(
          "%s has no tensor \"%s\", with which %s ends: give its --arch"
              .formatted(torch.file(), bias, model.title()));
    }
    return values.length();
  }

  /**
   * The training as a checkpoint of this program.
   *
   * @param classes names by label
   * @throws InputException if the file's tensors do not fit the network, or its recipe cannot be
   *     followed
   */
  public Imported checkpoint(List<String> classes) {
    Recipe recipe = recipe();
    ZooNetwork network = model.network(classes.size(), recipe);
    ComputationGraph graph = network.init();
    TorchWeights weights = TorchWeights.of(network);
    try {
      weights.load(torch, graph);
      boolean momentum = weights.loadMomentum(torch, graph);
      int epoch = (int) torch.epoch().orElse(0);
      graph.getConfiguration().setEpochCount(epoch);
      Card card =
          new Card(
              model, recipe, classes, Normalization.IMAGENET, epoch, torch.bestAcc1().orElse(0));
      return new Imported(new Checkpoint(graph, card), momentum);
    } catch (CheckpointException e) {
      throw new InputException(
          e.getMessage() + ": it holds another network than " + model.title(), e);
    }
  }

  private void requireSameKind() {
    boolean derived = torch.stateDict().keySet().stream().anyMatch(n -> n.contains("static_"));
    if (derived != model.customize()) {
      throw new InputException(
          torch.file()
              + (derived
                  ? " holds a network with KernelDNA: give --customize"
                  : " holds a static network: leave out --customize"));
    }
  }

  /** What the file tells of its recipe; the rest is the reference's for this architecture. */
  private Recipe recipe() {
    Recipe defaults = Recipe.of(model.arch());
    Optional<ParameterGroup> sgd = torch.optimizer().stream().findFirst();
    double lr = sgd.map(ParameterGroup::lr).orElse(defaults.lr());
    if (torch.scheduler().get("base_lrs") instanceof List<?> rates && !rates.isEmpty()) {
      lr = number(rates.get(0), lr);
    }
    try {
      return defaults.toBuilder()
          .epochs((int) scheduled("max_epochs", defaults.epochs()))
          .warmupEpochs((int) scheduled("warmup_epochs", defaults.warmupEpochs()))
          .lr(lr)
          .etaMin(scheduled("eta_min", defaults.etaMin()))
          .momentum(sgd.map(ParameterGroup::momentum).orElse(defaults.momentum()))
          .weightDecay(sgd.map(ParameterGroup::weightDecay).orElse(defaults.weightDecay()))
          .build();
    } catch (IllegalArgumentException e) {
      throw new InputException(torch.file() + " has a recipe whose " + e.getMessage(), e);
    }
  }

  private double scheduled(String key, double otherwise) {
    return number(torch.scheduler().get(key), otherwise);
  }

  private static double number(Object value, double otherwise) {
    return value instanceof Number number ? number.doubleValue() : otherwise;
  }
}
