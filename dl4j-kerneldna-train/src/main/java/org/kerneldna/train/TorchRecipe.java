package org.kerneldna.train;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lombok.Getter;
import lombok.experimental.Accessors;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.torch.TorchOptimizer.Group;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.RecipeBuilder;
import org.kerneldna.zoo.OptimizerGroups;
import org.kerneldna.zoo.StateDict;
import org.kerneldna.zoo.StateDict.Entry;

/**
 * The recipe of a training in PyTorch: what its optimizer and scheduler tell, and else the
 * architecture's own. What a recipe cannot say is noted, with what takes its place.
 */
@Accessors(fluent = true)
final class TorchRecipe {

  private static final double ADAM_BETA2 = 0.999;
  private static final double ADAM_EPSILON = 1e-8;

  private final TorchCheckpoint torch;
  private final RecipeBuilder recipe;

  /** What was not taken over, a line each. */
  @Getter private final List<String> notes = new ArrayList<>();

  /** The optimizer, if its state is to be taken over. */
  @Getter private final Optional<TorchOptimizer> optimizer;

  /**
   * @param network whose parameters the optimizer has
   */
  TorchRecipe(TorchCheckpoint torch, Recipe defaults, StateDict network) {
    this.torch = torch;
    this.recipe = defaults.toBuilder();
    this.optimizer = chosenOptimizer();
    optimizer.ifPresent(o -> readOptimizer(o, network));
    new TorchSchedule(torch, optimizer).readInto(recipe).ifPresent(notes::add);
  }

  /**
   * The recipe.
   *
   * @throws IllegalArgumentException for a value of the file that cannot be trained with
   */
  Recipe recipe() {
    return recipe.build();
  }

  private Optional<TorchOptimizer> chosenOptimizer() {
    List<TorchOptimizer> all = torch.optimizers();
    if (all.isEmpty()) {
      notes.add("no momentum in the file: if training goes on, momentum starts at 0");
      return Optional.empty();
    }
    TorchOptimizer first = all.get(0);
    if (all.size() == 1 && first.kind() != TorchOptimizer.Kind.OTHER) {
      return Optional.of(first);
    }
    String what =
        all.size() > 1
            ? all.size() + " optimizers in the file are"
            : "the file's optimizer, by its options %s neither SGD nor AdamW, is"
                .formatted(
                    first.groups().isEmpty() ? "" : first.groups().get(0).options().keySet());
    notes.add(what + " not taken over: training goes on with new SGD, whose momentum is 0");
    return Optional.empty();
  }

  private void readOptimizer(TorchOptimizer optimizer, StateDict network) {
    Group main = optimizer.groups().get(optimizer.largestGroup());
    for (String option : new String[] {"lr", "momentum", "nesterov", "betas"}) {
      Set<String> values = new TreeSet<>();
      optimizer.groups().forEach(group -> values.add(String.valueOf(group.options().get(option))));
      if (values.size() > 1) {
        notes.add(
            "%s differs by parameter group (%s): %s is used for all"
                .formatted(option, String.join(", ", values), main.options().get(option)));
      }
    }
    if (main.is("maximize")) {
      notes.add("maximize is not taken over: the loss is minimised");
    }
    if (optimizer.kind() == TorchOptimizer.Kind.SGD) {
      readSgd(main);
    } else {
      readAdam(main);
    }
    readWeightDecay(optimizer, main, network);
  }

  private void readSgd(Group sgd) {
    recipe
        .optimizer(Optimizer.SGD)
        .momentum(sgd.number("momentum", 0))
        .nesterov(sgd.is("nesterov"));
    note(sgd, "dampening", 0);
  }

  private void readAdam(Group adam) {
    recipe.optimizer(Optimizer.ADAMW).nesterov(false);
    if (adam.options().get("betas") instanceof List<?> betas
        && betas.size() == 2
        && betas.get(0) instanceof Number beta1
        && betas.get(1) instanceof Number beta2) {
      recipe.momentum(beta1.doubleValue());
      if (beta2.doubleValue() != ADAM_BETA2) {
        notes.add("beta2 %s is not taken over: it is %s".formatted(beta2, ADAM_BETA2));
      }
    }
    note(adam, "eps", ADAM_EPSILON);
    if (adam.is("amsgrad")) {
      notes.add("amsgrad is not taken over: it is off");
    }
    if (adam.number("weight_decay", 0) != 0 && !adam.is("decoupled_weight_decay")) {
      notes.add(
          adam.options().containsKey("decoupled_weight_decay")
              ? "Adam's weight decay, as part of the gradient, is not taken over: it is AdamW's"
              : "the file does not say whether it is of Adam or AdamW: weight decay is AdamW's");
    }
  }

  private void note(Group group, String option, double here) {
    double there = group.number(option, here);
    if (there != here) {
      notes.add("%s %s is not taken over: it is %s".formatted(option, there, here));
    }
  }

  private void readWeightDecay(TorchOptimizer optimizer, Group main, StateDict network) {
    Map<OptimizerGroups.Kind, Set<Double>> decays = decays(optimizer, network);
    Set<Double> ofKernels = decays.get(OptimizerGroups.Kind.KERNEL);
    double decay = ofKernels.size() == 1 ? ofKernels.iterator().next() : decay(main);
    Set<Double> others = new TreeSet<>(decays.get(OptimizerGroups.Kind.GAIN));
    others.addAll(decays.get(OptimizerGroups.Kind.BIAS));
    boolean excluded = decay != 0 && others.equals(Set.of(0.0));
    recipe.weightDecay(decay).excludeNormsAndBiases(excluded);
    if (ofKernels.size() > 1 || !excluded && !others.equals(Set.of(decay))) {
      notes.add(
          "weight decay of kernels %s, gains %s and biases %s is not taken over: it is %s for all"
              .formatted(
                  ofKernels,
                  decays.get(OptimizerGroups.Kind.GAIN),
                  decays.get(OptimizerGroups.Kind.BIAS),
                  decay));
    }
  }

  /** The values by kind of parameter; every value for each kind, if the groups are not known. */
  private static Map<OptimizerGroups.Kind, Set<Double>> decays(
      TorchOptimizer optimizer, StateDict network) {
    Map<OptimizerGroups.Kind, Set<Double>> decays = new EnumMap<>(OptimizerGroups.Kind.class);
    for (OptimizerGroups.Kind kind : OptimizerGroups.Kind.values()) {
      decays.put(kind, new TreeSet<>());
    }
    Optional<List<List<Entry>>> entries = new OptimizerGroups(network, optimizer).entries();
    for (int g = 0; g < optimizer.groups().size(); g++) {
      double decay = decay(optimizer.groups().get(g));
      if (entries.isPresent()) {
        entries.get().get(g).forEach(e -> decays.get(OptimizerGroups.Kind.of(e)).add(decay));
      } else {
        decays.values().forEach(values -> values.add(decay));
      }
    }
    return decays;
  }

  private static double decay(Group group) {
    return group.number("weight_decay", 0);
  }
}
