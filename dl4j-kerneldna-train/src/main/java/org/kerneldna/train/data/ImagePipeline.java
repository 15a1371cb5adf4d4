package org.kerneldna.train.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * From folders of images to batches. Batches do not depend on the number of workers.
 *
 * @param normalization of the inputs
 * @param imageSize side of the square inputs, in pixels
 * @param batchSize images a batch
 * @param workers threads that decode, at least 1
 */
public record ImagePipeline(
    Normalization normalization, int imageSize, int batchSize, int workers) {

  /**
   * One pass over all images in random order, augmented.
   *
   * @param seed of order and augmentation: the same seed gives the same batches
   */
  public ImageBatches training(ImageFolder folder, long seed) {
    List<Path> shuffled = new ArrayList<>(folder.images());
    Collections.shuffle(shuffled, new Random(seed));
    return batches(folder, shuffled, Preprocessing.forTraining(imageSize, normalization), seed);
  }

  /** One pass over all images in their order, without chance. */
  public ImageBatches evaluation(ImageFolder folder) {
    return batches(
        folder, folder.images(), Preprocessing.forEvaluation(imageSize, normalization), 0);
  }

  private ImageBatches batches(
      ImageFolder folder, List<Path> images, Preprocessing preprocessing, long seed) {
    var reader = new ImageFolderRecordReader(folder.classes(), preprocessing, seed, workers);
    return new ImageBatches(images, reader, batchSize);
  }
}
