package org.kerneldna.train.cli;

import java.nio.file.Path;
import org.kerneldna.train.data.ImageDataset;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which images to train on. */
final class DataOptions {

  @ArgGroup(multiplicity = "1")
  private Place place;

  /** Where the images are. */
  private static final class Place {

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
        converter = PassOptions.Positive.class,
        description = "Random images instead, of so many classes. Default: 1000 classes.")
    private Integer dummy;
  }

  @Mixin private WorkersOption workers;

  @Option(
      names = "--max-bad",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many broken images to leave out; one more in a pass is an error.")
  private int maxBad;

  /** Finds the images. */
  ImageDataset open() {
    return place.dummy == null ? ImageDataset.open(place.data) : ImageDataset.dummy(place.dummy);
  }

  int workers() {
    return workers.count();
  }

  int maxBad() {
    return maxBad;
  }
}
