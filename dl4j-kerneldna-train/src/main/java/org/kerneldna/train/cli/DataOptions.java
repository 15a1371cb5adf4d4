package org.kerneldna.train.cli;

import java.nio.file.Path;
import org.kerneldna.train.data.ImageDataset;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which images to train on. */
final class DataOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Images as DIR/train/<class>/* and DIR/val/<class>/*; or as DIR/train/*.tar and"
              + " DIR/val/*.tar, see 'shard'; or named by DIR/train.txt and DIR/val.txt, in lines"
              + " of path and class.")
  private Path data;

  @Option(
      names = "--dummy",
      paramLabel = "CLASSES",
      arity = "0..1",
      fallbackValue = "1000",
      converter = Numbers.Positive.class,
      description = "Random images instead, of so many classes, 1000 unless told.")
  private Integer dummy;

  @Mixin private WorkersOption workers;

  @Option(
      names = "--max-bad",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many broken images to leave out; one more in a pass is an error.")
  private int maxBad;

  @Spec(Spec.Target.MIXEE)
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
}
