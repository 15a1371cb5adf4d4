package org.kerneldna.train;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lombok.RequiredArgsConstructor;
import org.kerneldna.torch.Counts;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.train.Recipe.RecipeBuilder;

/**
 * The learning rates of a training in PyTorch, as far as a warm-up and a cosine can follow them.
 * Where parameter groups differ, the largest group's count.
 */
@RequiredArgsConstructor
final class TorchSchedule {

  private final TorchCheckpoint torch;

  /** The optimizer that is taken over. */
  private final Optional<TorchOptimizer> optimizer;

  /**
   * Sets learning rates and epochs.
   *
   * @return what was not taken over, and what takes its place; nothing if all was
   * @throws IllegalArgumentException if epochs are no count
   */
  Optional<String> readInto(RecipeBuilder recipe) {
    if (torch.schedulers().size() == 1) {
      Map<String, Object> scheduler = torch.schedulers().get(0);
      if (scheduler.get("max_epochs") instanceof Number epochs) {
        readCosine(scheduler, "max_epochs", epochs, recipe);
        return Optional.empty();
      }
      if (scheduler.get("T_max") instanceof Number epochs
          && torch.epoch().filter(e -> e.equals(scheduler.get("last_epoch"))).isPresent()) {
        recipe.warmupEpochs(0);
        readCosine(scheduler, "T_max", epochs, recipe);
        return Optional.empty();
      }
    }
    currentRate().ifPresent(recipe::lr);
    return torch.schedulers().isEmpty() && optimizer.isEmpty()
        ? Optional.empty()
        : Optional.of(note(recipe.build()));
  }

  /** A warm-up and a cosine, as the reference's program has them, or PyTorch's cosine alone. */
  private void readCosine(
      Map<String, Object> scheduler, String key, Number epochs, RecipeBuilder recipe) {
    recipe.epochs(count(key, epochs));
    if (scheduler.get("warmup_epochs") instanceof Number warmup) {
      recipe.warmupEpochs(count("warmup_epochs", warmup));
    }
    if (scheduler.get("eta_min") instanceof Number etaMin) {
      recipe.etaMin(etaMin.doubleValue());
    }
    rate(scheduler.get("base_lrs")).or(this::currentRate).ifPresent(recipe::lr);
  }

  private static int count(String key, Number number) {
    return Counts.of(number)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s %s cannot be used: give a whole number, 0 to %d"
                        .formatted(key, number, Integer.MAX_VALUE)));
  }

  /** The learning rate at which the file was saved. */
  private Optional<Double> currentRate() {
    Optional<Double> scheduled =
        torch.schedulers().size() == 1
            ? rate(torch.schedulers().get(0).get("_last_lr"))
            : Optional.empty();
    return scheduled
        .or(() -> optimizer.map(o -> o.groups().get(o.largestGroup()).number("lr", 0)))
        // At the end of many schedules it is 0.
        .filter(rate -> rate > 0);
  }

  /** The rate of the main group in a scheduler's list. */
  private Optional<Double> rate(Object rates) {
    int group = optimizer.map(TorchOptimizer::largestGroup).orElse(0);
    return rates instanceof List<?> list
            && group < list.size()
            && list.get(group) instanceof Number rate
        ? Optional.of(rate.doubleValue())
        : Optional.empty();
  }

  private String note(Recipe recipe) {
    String what =
        switch (torch.schedulers().size()) {
          case 0 -> "no scheduler in the file";
          case 1 -> name(torch.schedulers().get(0)) + " is not taken over";
          default -> torch.schedulers().size() + " schedulers in the file are not taken over";
        };
    return "%s: training goes on along a cosine of %d epochs with a highest learning rate of %s"
        .formatted(what, recipe.epochs(), recipe.lr());
  }

  /** A file does not name the scheduler, but what it keeps tells which one of PyTorch's it is. */
  private static String name(Map<String, Object> scheduler) {
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
