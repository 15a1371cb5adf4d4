package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.List;
import org.kerneldna.train.data.Augmentation;
import org.kerneldna.train.data.ImageDataset;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which images to train on, and what is done to them. */
final class DataOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Images as DIR/train/<class>/* and DIR/val/<class>/*; or as DIR/train/*.tar and"
              + " DIR/val/*.tar, see 'shard'; or named by DIR/train.txt and DIR/val.txt, in lines of"
              + " path and class.")
  private Path data;

  @Option(
      names = "--dummy",
      paramLabel = "CLASSES",
      arity = "0..1",
      fallbackValue = "1000",
      converter = PassOptions.Positive.class,
      description = "Random images instead, of so many classes, or 1000.")
  private Integer dummy;

  @Mixin private WorkersOption workers;

  @Option(
      names = "--color-jitter",
      paramLabel = "STRENGTH",
      split = ",",
      description =
          "Change brightness, contrast and saturation at random by up to this share; or give four"
              + " numbers by commas, the last for the hue.")
  private List<Double> colorJitter = List.of();

  @Option(
      names = "--trivial-augment",
      description = "Change each image by one random operation: TrivialAugmentWide.")
  private boolean trivialAugment;

  @Option(
      names = "--random-erasing",
      paramLabel = "P",
      defaultValue = "0",
      description = "Erase a random rectangle of an image with this probability.")
  private double randomErasing;

  @Option(
      names = "--mixup",
      paramLabel = "ALPHA",
      defaultValue = "0",
      description = "Blend images and their labels by shares from Beta(ALPHA, ALPHA); 0: do not.")
  private double mixup;

  @Option(
      names = "--cutmix",
      paramLabel = "ALPHA",
      defaultValue = "0",
      description =
          "Paste rectangles of other images, likewise. With --mixup: one of both a batch.")
  private double cutmix;

  @Option(
      names = "--max-bad",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many broken images to leave out; one more in a pass is an error.")
  private int maxBad;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  /**
   * Finds the images.
   *
   * @throws ParameterException unless one place is given
   */
  ImageDataset open() {
    if ((data == null) == (dummy == null)) {
      throw new ParameterException(
          spec.commandLine(), "give either --data DIR, a folder of images, or --dummy");
    }
    return dummy == null ? ImageDataset.open(data) : ImageDataset.dummy(dummy);
  }

  int workers() {
    return workers.count();
  }

  int maxBad() {
    return maxBad;
  }

  /**
   * @throws IllegalArgumentException for a value that cannot be used
   */
  Augmentation augmentation() {
    return new Augmentation(colorJitter, trivialAugment, randomErasing, mixup, cutmix);
  }
}
