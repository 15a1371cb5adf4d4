package org.kerneldna.train.cli;

import java.util.function.Consumer;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.Pace;
import org.kerneldna.train.Recipe.RecipeBuilder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How to train; what is not given is null, so that the architecture or a resumed checkpoint can
 * tell it.
 */
final class RecipeOptions {

  private static final String BY_ARCH = " Default: by architecture, ";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description =
          "Passes over the training images, warm-up included." + BY_ARCH + "90, 300 or 150.")
  private Integer epochs;

  @Option(
      names = {"--warmup-epochs", "--warmup_epochs"},
      paramLabel = "N",
      description =
          "Epochs of linearly rising learning rate." + BY_ARCH + "20 for resnet50, else 0.")
  private Integer warmupEpochs;

  @Option(
      names = "--schedule",
      paramLabel = "PACE",
      description =
          "How often the learning rate changes: ${COMPLETION-CANDIDATES}. Default: epoch.")
  private Pace schedule;

  @Option(
      names = {"--lr", "--learning-rate"},
      paramLabel = "RATE",
      converter = Numbers.AboveZero.class,
      description = "Highest learning rate." + BY_ARCH + "0.1 for ResNets, else 0.05.")
  private Double lr;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "What makes steps of gradients: ${COMPLETION-CANDIDATES}. Default: sgd.")
  private Optimizer optimizer;

  @Option(
      names = {"--wd", "--weight-decay"},
      paramLabel = "DECAY",
      description = "Weight decay." + BY_ARCH + "1e-4 for ResNets, else 4e-5.")
  private Double weightDecay;

  @Option(
      names = "--exclude-norms-and-biases",
      negatable = true,
      fallbackValue = "true",
      description = "Spare normalisations and biases weight decay.")
  private Boolean excludeNormsAndBiases;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Images a step. Default: 256.")
  private Integer batchSize;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description =
          "Divide a step's images into N parts that are in memory one after the other. Default: 1.")
  private Integer accumulate;

  @Option(
      names = "--label-smoothing",
      paramLabel = "SHARE",
      description = "Share of the labels that spreads evenly over all classes. Default: 0.")
  private Double labelSmoothing;

  @Option(
      names = "--ema-decay",
      paramLabel = "DECAY",
      description =
          "Evaluate, and save as best.zip, a running mean of the parameters, of which this much "
              + "stays at a step, and less at first: (1 + n) / (10 + n) at step n. "
              + "Default: 0, no mean.")
  private Double emaDecay;

  @Option(
      names = "--clip-norm",
      paramLabel = "NORM",
      description = "Shorten gradients whose norm is greater. Default: 0, any norm.")
  private Double clipNorm;

  @Option(
      names = "--drop-path",
      paramLabel = "RATE",
      description =
          "Probability that an image skips the last residual branch; less for earlier ones."
              + BY_ARCH
              + "0.1 for convnext_tiny, else 0.")
  private Double dropPath;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "Momentum of SGD, beta1 of AdamW. Default: 0.9.")
  private Double momentum;

  @Option(
      names = "--nesterov",
      negatable = true,
      fallbackValue = "true",
      description = "Nesterov's momentum, as PyTorch's SGD has it.")
  private Boolean nesterov;

  @Option(
      names = "--eta-min",
      paramLabel = "RATE",
      description = "Where the cosine ends. Default: 0.")
  private Double etaMin;

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      description = "End after so many epochs without a better top-1. Default: 0, never.")
  private Integer patience;

  @Mixin private AugmentationOptions augmentation;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Seed of initialisation, order and augmentation. Default: 0.")
  private Long seed;

  @Option(
      names = "--adapters-only",
      negatable = true,
      fallbackValue = "true",
      description =
          "Train modulation, gates, normalisations and the classifier; leave all else as it is.")
  private Boolean adaptersOnly;

  /** Whether something is given that is part of the network. */
  boolean changeNetwork() {
    return dropPath != null;
  }

  /** What is given, else what the defaults say. */
  Recipe over(Recipe defaults) {
    RecipeBuilder recipe = defaults.toBuilder();
    set(epochs, recipe::epochs);
    set(warmupEpochs, recipe::warmupEpochs);
    set(schedule, recipe::schedule);
    set(lr, recipe::lr);
    set(etaMin, recipe::etaMin);
    set(optimizer, recipe::optimizer);
    set(momentum, recipe::momentum);
    set(nesterov, recipe::nesterov);
    set(weightDecay, recipe::weightDecay);
    set(excludeNormsAndBiases, recipe::excludeNormsAndBiases);
    set(batchSize, recipe::batchSize);
    set(accumulate, recipe::accumulate);
    set(labelSmoothing, recipe::labelSmoothing);
    set(emaDecay, recipe::emaDecay);
    set(clipNorm, recipe::clipNorm);
    set(dropPath, recipe::dropPath);
    set(patience, recipe::patience);
    recipe.augmentation(augmentation.over(defaults.augmentation()));
    set(seed, recipe::seed);
    set(adaptersOnly, recipe::adaptersOnly);
    return recipe.build();
  }

  private static <T> void set(T given, Consumer<T> setter) {
    if (given != null) {
      setter.accept(given);
    }
  }
}
