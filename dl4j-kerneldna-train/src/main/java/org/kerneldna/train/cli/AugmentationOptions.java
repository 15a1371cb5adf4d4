package org.kerneldna.train.cli;

import static java.util.Objects.requireNonNullElse;

import java.util.List;
import org.kerneldna.train.data.Augmentation;
import picocli.CommandLine.Option;

/** What is done to training images; what is not given is null, so that the recipe can tell it. */
final class AugmentationOptions {

  @Option(
      names = "--color-jitter",
      paramLabel = "STRENGTH",
      split = ",",
      description =
          "Change brightness, contrast and saturation at random by up to this share; or give four"
              + " numbers by commas, the last for the hue. Default: no change.")
  private List<Double> colorJitter;

  @Option(
      names = "--trivial-augment",
      description = "Change each image by one random operation: TrivialAugmentWide.")
  private Boolean trivialAugment;

  @Option(
      names = "--random-erasing",
      paramLabel = "P",
      description = "Erase a random rectangle of an image with this probability.")
  private Double randomErasing;

  @Option(
      names = "--mixup",
      paramLabel = "ALPHA",
      description = "Blend images and their labels by shares from Beta(ALPHA, ALPHA); 0: do not.")
  private Double mixup;

  @Option(
      names = "--cutmix",
      paramLabel = "ALPHA",
      description =
          "Paste rectangles of other images, likewise. With --mixup: one of both a batch.")
  private Double cutmix;

  /**
   * What is given, else what the defaults say.
   *
   * @throws IllegalArgumentException for a value that cannot be used
   */
  Augmentation over(Augmentation defaults) {
    return new Augmentation(
        requireNonNullElse(colorJitter, defaults.colorJitter()),
        requireNonNullElse(trivialAugment, defaults.trivialAugment()),
        requireNonNullElse(randomErasing, defaults.randomErasing()),
        requireNonNullElse(mixup, defaults.mixup()),
        requireNonNullElse(cutmix, defaults.cutmix()));
  }
}
