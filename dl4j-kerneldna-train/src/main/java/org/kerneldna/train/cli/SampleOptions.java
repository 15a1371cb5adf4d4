package org.kerneldna.train.cli;

import java.nio.file.Path;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageFolder;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Some training images, as one batch. */
final class SampleOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Images as DIR/train/<class>/*.")
  private Path data;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "256",
      converter = Numbers.Positive.class,
      description =
          "How many to look at, evenly spread over the classes. They are held in memory together;"
              + " few make everything look alike.")
  private int count;

  @Mixin private WorkersOption workers;

  /** The folder of training images. */
  ImageFolder folder() {
    return ImageFolder.open(data.resolve("train"));
  }

  /**
   * Reads images of {@code folder} as they are evaluated: [images, 3, size, size].
   *
   * @throws InputException if fewer than two can be read
   */
  INDArray read(ImageFolder folder, Checkpoint checkpoint) {
    ImagePipeline pipeline =
        new ImagePipeline(
            checkpoint.card().normalization(),
            checkpoint.card().model().imageSize(),
            count,
            workers.count());
    try (ImageBatches batches = pipeline.evaluation(folder.sample(count))) {
      INDArray images = batches.hasNext() ? batches.next().getFeatures().dup() : null;
      if (images == null || images.size(0) < 2) {
        throw new InputException(
            "no two images of " + folder.root() + " can be looked at: give more with --images");
      }
      return images;
    }
  }
}
