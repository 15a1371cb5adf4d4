package org.kerneldna.train;

import static java.util.Comparator.comparingInt;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.Counts;
import org.kerneldna.torch.OneLine;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchNetwork;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.StateDict;
import org.kerneldna.zoo.TorchWeights;
import org.kerneldna.zoo.ZooNetwork;

/**
 * A training in PyTorch, to go on with here: the network, and, where the file has them, recipe,
 * epoch, best top-1 and momentum as the reference's program saves them.
 */
@RequiredArgsConstructor
public final class TorchTraining {

  private static final int LONGEST_NOTE = 400;

  private final TorchCheckpoint torch;
  private final ModelSpec model;

  /**
   * A checkpoint and what it could not take over.
   *
   * @param momentum whether the file had the state of an optimizer that was taken over; without, it
   *     starts at 0
   * @param notes what was chosen among several, or not taken over: a line each
   */
  public record Imported(Checkpoint checkpoint, boolean momentum, List<String> notes) {}

  /**
   * How many classes the network of the file tells apart.
   *
   * @throws InputException if it is no network of this kind, or has none
   */
  public int classes() {
    requireSameKind();
    List<StateDict.Entry> entries = model.network(1, defaults()).stateDict().entries();
    String bias = entries.get(entries.size() - 1).name();
    int classes =
        torch.tensorDicts().stream()
            .flatMap(dict -> dict.tensors().entrySet().stream())
            .filter(entry -> ("." + entry.getKey()).endsWith("." + bias))
            // Others may end so, too, as parts of parts.
            .min(comparingInt(entry -> entry.getKey().length()))
            .orElseThrow(
                () ->
                    new InputException(
                        "%s has no tensor \"%s\", with which %s ends: give its --arch"
                            .formatted(torch.file(), bias, model.title())))
            .getValue()
            .length();
    if (classes == 0) {
      throw new InputException(
          "%s has no numbers in \"%s\": give a network with classes".formatted(torch.file(), bias));
    }
    return classes;
  }

  /**
   * The training as a checkpoint of this program.
   *
   * @param classes names by label
   * @throws InputException if the file's tensors do not fit the network, or its recipe cannot be
   *     followed
   */
  public Imported checkpoint(List<String> classes) {
    StateDict parameters = model.network(classes.size(), defaults()).stateDict();
    TorchRecipe told = recipe(parameters);
    ZooNetwork network = model.network(classes.size(), told.recipe());
    ComputationGraph graph = network.init();
    TorchWeights weights = TorchWeights.of(network);
    List<String> notes = new ArrayList<>();
    try {
      TorchNetwork found = weights.load(torch, graph);
      if (!found.others().isEmpty()) {
        notes.add(
            "the network of \"%s\" was taken; --key chooses another: %s"
                .formatted(found.key(), String.join(", ", found.others())));
      }
    } catch (CheckpointException e) {
      throw new InputException(
          e.getMessage() + ": it holds another network than " + model.title(), e);
    }
    notes.addAll(told.notes());
    boolean momentum =
        told.optimizer().isPresent() && weights.loadOptimizer(told.optimizer().get(), graph);
    if (told.optimizer().isPresent() && !momentum) {
      notes.add(
          "the optimizer's %d parameters are not the network's %d: momentum starts at 0"
              .formatted(told.optimizer().get().parameters(), parameters.parameters().size()));
    }
    int epoch = epoch(notes);
    graph.getConfiguration().setEpochCount(epoch);
    Card card =
        new Card(model, told.recipe(), classes, Normalization.IMAGENET, epoch, bestTop1(notes));
    return new Imported(
        new Checkpoint(graph, card),
        momentum,
        notes.stream().map(note -> OneLine.of(note, LONGEST_NOTE)).toList());
  }

  private int epoch(List<String> notes) {
    Number epoch = torch.epoch().orElse(0);
    OptionalInt count = Counts.of(epoch);
    if (count.isEmpty()) {
      notes.add("epoch %s of the file is taken as 0".formatted(epoch));
    }
    return count.orElse(0);
  }

  private double bestTop1(List<String> notes) {
    double best = torch.bestAcc1().orElse(0);
    if (0 <= best && best <= 100) {
      return best;
    }
    notes.add("best top-1 %s of the file is taken as 0".formatted(best));
    return 0;
  }

  private void requireSameKind() {
    boolean derived =
        torch.tensorDicts().stream()
            .flatMap(dict -> dict.tensors().keySet().stream())
            .anyMatch(name -> name.contains("static_"));
    if (derived != model.customize()) {
      throw new InputException(
          torch.file()
              + (derived
                  ? " holds a network with KernelDNA: give --customize"
                  : " holds a static network: leave out --customize"));
    }
  }

  private TorchRecipe recipe(StateDict network) {
    try {
      TorchRecipe told = new TorchRecipe(torch, defaults(), network);
      told.recipe();
      return told;
    } catch (IllegalArgumentException e) {
      throw new InputException(torch.file() + " has a recipe whose " + e.getMessage(), e);
    }
  }

  /** The reference's for this architecture. */
  private Recipe defaults() {
    return Recipe.of(model.arch());
  }
}
