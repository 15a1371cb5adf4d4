package org.kerneldna.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import lombok.Getter;
import lombok.experimental.Accessors;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.RecipeBuilder;
import org.kerneldna.zoo.OptimizerGroups;
import org.kerneldna.zoo.StateDict;
import org.kerneldna.zoo.StateDict.Entry;
import org.kerneldna.zoo.checkpoint.TorchCheckpoint;
import org.kerneldna.zoo.checkpoint.TorchOptimizer;
import org.kerneldna.zoo.checkpoint.TorchOptimizer.Group;

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
  private final Recipe defaults;

  /** What was not taken over, a line each. */
  @Getter private final List<String> notes = new ArrayList<>();

  /** The optimizer, if its state is to be taken over. */
  @Getter private final Optional<TorchOptimizer> optimizer;

  /**
   * @param network whose parameters the optimizer has
   */
  TorchRecipe(TorchCheckpoint torch, Recipe defaults, StateDict network) {
    this.torch = torch;
    this.defaults = defaults;
    this.recipe = defaults.toBuilder();
    this.optimizer = chosenOptimizer();
    Optional<Group> main = optimizer.map(TorchRecipe::largest);
    optimizer.ifPresent(o -> readOptimizer(o, network));
    readSchedule(main);
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

  private static Group largest(TorchOptimizer optimizer) {
    return optimizer.groups().stream()
        .max(Comparator.comparingInt(group -> group.states().size()))
        .orElseThrow();
  }

  private void readOptimizer(TorchOptimizer torch, StateDict network) {
    Group main = largest(torch);
    for (String option : new String[] {"lr", "momentum", "nesterov", "betas"}) {
      Set<String> values = new TreeSet<>();
      torch.groups().forEach(group -> values.add(String.valueOf(group.options().get(option))));
      if (values.size() > 1) {
        notes.add(
            "%s differs by parameter group (%s): %s is used for all"
                .formatted(option, String.join(", ", values), main.options().get(option)));
      }
    }
    if (main.is("maximize")) {
      notes.add("maximize is not taken over: the loss is minimised");
    }
    if (torch.kind() == TorchOptimizer.Kind.SGD) {
      readSgd(main);
    } else {
      readAdam(main);
    }
    readWeightDecay(torch, main, network);
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

  private void readWeightDecay(TorchOptimizer torch, Group main, StateDict network) {
    Map<OptimizerGroups.Kind, Set<Double>> decays = decays(torch, network);
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
      TorchOptimizer torch, StateDict network) {
    Map<OptimizerGroups.Kind, Set<Double>> decays = new EnumMap<>(OptimizerGroups.Kind.class);
    for (OptimizerGroups.Kind kind : OptimizerGroups.Kind.values()) {
      decays.put(kind, new TreeSet<>());
    }
    Optional<List<List<Entry>>> entries = new OptimizerGroups(network, torch).entries();
    for (int g = 0; g < torch.groups().size(); g++) {
      double decay = decay(torch.groups().get(g));
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

  private void readSchedule(Optional<Group> main) {
    if (torch.schedulers().size() == 1) {
      Map<String, Object> scheduler = torch.schedulers().get(0);
      if (scheduler.get("max_epochs") instanceof Number epochs) {
        readCosine(scheduler, epochs, main);
        return;
      }
      if (scheduler.get("T_max") instanceof Number epochs
          && scheduler.get("last_epoch").equals(torch.epoch().orElse(-1))) {
        recipe.warmupEpochs(0);
        readCosine(scheduler, epochs, main);
        return;
      }
    }
    currentRate(main).ifPresent(recipe::lr);
    if (!torch.schedulers().isEmpty() || optimizer.isPresent()) {
      notes.add(scheduleNote());
    }
  }

  /** A warm-up and a cosine, as the reference's program has them, or PyTorch's cosine alone. */
  private void readCosine(Map<String, Object> scheduler, Number epochs, Optional<Group> main) {
    recipe.epochs(epochs.intValue());
    if (scheduler.get("warmup_epochs") instanceof Number warmup) {
      recipe.warmupEpochs(warmup.intValue());
    }
    if (scheduler.get("eta_min") instanceof Number etaMin) {
      recipe.etaMin(etaMin.doubleValue());
    }
    rate(scheduler.get("base_lrs"), main).or(() -> currentRate(main)).ifPresent(recipe::lr);
  }

  /** The learning rate at which the file was saved. */
  private Optional<Double> currentRate(Optional<Group> main) {
    Optional<Double> scheduled =
        torch.schedulers().size() == 1
            ? rate(torch.schedulers().get(0).get("_last_lr"), main)
            : Optional.empty();
    return scheduled
        .or(() -> main.map(group -> group.number("lr", 0)))
        // At the end of many schedules it is 0.
        .filter(rate -> rate > 0);
  }

  /** The rate of a group in a scheduler's list. */
  private Optional<Double> rate(Object rates, Optional<Group> main) {
    int group =
        optimizer
            .map(o -> IntStream.range(0, o.groups().size()))
            .flatMap(
                all ->
                    all.filter(g -> optimizer.get().groups().get(g) == main.orElseThrow())
                        .boxed()
                        .findFirst())
            .orElse(0);
    return rates instanceof List<?> list
            && group < list.size()
            && list.get(group) instanceof Number rate
        ? Optional.of(rate.doubleValue())
        : Optional.empty();
  }

  private String scheduleNote() {
    String what =
        switch (torch.schedulers().size()) {
          case 0 -> "no scheduler in the file";
          case 1 -> schedulerName(torch.schedulers().get(0)) + " is not taken over";
          default -> torch.schedulers().size() + " schedulers in the file are not taken over";
        };
    Recipe built = recipe.build();
    return "%s: training goes on along a cosine of %d epochs with a highest learning rate of %s"
        .formatted(what, defaults.epochs(), built.lr());
  }

  /** A file does not name the scheduler, but what it keeps tells which one of PyTorch's it is. */
  private static String schedulerName(Map<String, Object> scheduler) {
    if (scheduler.get("step_size") != null) {
      return "StepLR of step size %s and gamma %s"
          .formatted(scheduler.get("step_size"), scheduler.get("gamma"));
    }
    String[][] known = {
      {"_milestones", "SequentialLR"},
      {"milestones", "MultiStepLR"},
      {"_schedulers", "ChainedScheduler"},
      {"T_0", "CosineAnnealingWarmRestarts"},
      {"T_max", "CosineAnnealingLR, which does not count epochs,"},
      {"lr_lambdas", "LambdaLR"},
      {"patience", "ReduceLROnPlateau"},
      {"start_factor", "LinearLR"},
      {"power", "PolynomialLR"},
      {"max_lrs", "CyclicLR"},
      {"anneal_strategy", "OneCycleLR"},
      {"_anneal_func_type", "OneCycleLR"},
      {"total_iters", "ConstantLR"},
      {"gamma", "ExponentialLR"},
    };
    for (String[] keyAndName : known) {
      if (scheduler.containsKey(keyAndName[0])) {
        return keyAndName[1];
      }
    }
    return "the file's scheduler";
  }
}
