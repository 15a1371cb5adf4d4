package org.kerneldna.train.cli;

import static java.util.Objects.requireNonNullElse;

import org.kerneldna.train.Recipe;
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
      names = {"--lr", "--learning-rate"},
      paramLabel = "RATE",
      description = "Highest learning rate." + BY_ARCH + "0.1 for ResNets, else 0.05.")
  private Double lr;

  @Option(
      names = {"--wd", "--weight-decay"},
      paramLabel = "DECAY",
      description = "Weight decay." + BY_ARCH + "1e-4 for ResNets, else 4e-5.")
  private Double weightDecay;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      description = "Images a step. Default: 256.")
  private Integer batchSize;

  @Option(names = "--momentum", paramLabel = "M", description = "Momentum of SGD. Default: 0.9.")
  private Double momentum;

  @Option(
      names = "--eta-min",
      paramLabel = "RATE",
      description = "Where the cosine ends. Default: 0.")
  private Double etaMin;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Seed of initialisation, order and augmentation. Default: 0.")
  private Long seed;

  @Option(
      names = "--adapters-only",
      description =
          "Train modulation, gates, normalisations and the classifier; leave all else as it is.")
  private Boolean adaptersOnly;

  /** What is given, else what the defaults say. */
  Recipe over(Recipe defaults) {
    return new Recipe(
        requireNonNullElse(epochs, defaults.epochs()),
        requireNonNullElse(warmupEpochs, defaults.warmupEpochs()),
        requireNonNullElse(lr, defaults.lr()),
        requireNonNullElse(weightDecay, defaults.weightDecay()),
        requireNonNullElse(batchSize, defaults.batchSize()),
        requireNonNullElse(momentum, defaults.momentum()),
        requireNonNullElse(etaMin, defaults.etaMin()),
        requireNonNullElse(seed, defaults.seed()),
        requireNonNullElse(adaptersOnly, defaults.adaptersOnly()));
  }
}
