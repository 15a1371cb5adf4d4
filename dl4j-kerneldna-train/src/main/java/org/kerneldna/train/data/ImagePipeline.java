package org.kerneldna.train.data;

import lombok.With;
import org.kerneldna.train.data.Batch.Steps;

/**
 * From images to batches. Batches do not depend on the number of workers.
 *
 * @param normalization of the inputs
 * @param imageSize side of the square inputs, in pixels
 * @param batchSize images a batch
 * @param workers threads that decode, at least 1
 * @param augmentation of training images, beside cropping and flipping
 * @param maxBad how many images of a pass may be broken; one more ends it
 */
public record ImagePipeline(
    Normalization normalization,
    int imageSize,
    int batchSize,
    int workers,
    @With Augmentation augmentation,
    @With int maxBad) {

  /**
   * A pipeline that crops and flips training images, and leaves out any number of broken images.
   */
  public ImagePipeline(Normalization normalization, int imageSize, int batchSize, int workers) {
    this(normalization, imageSize, batchSize, workers, Augmentation.NONE, Integer.MAX_VALUE);
  }

  /**
   * One pass over all images in random order, augmented.
   *
   * @param seed of order and augmentation: the same seed gives the same batches
   */
  public ImageBatches training(ImageSource source, long seed) {
    return training(source, seed, 0);
  }

  /**
   * The end of such a pass, as if what comes before had been taken; it is not decoded.
   *
   * @param firstBatch number of the batch to begin with, from 0, see {@link ImageBatches#position}
   */
  public ImageBatches training(ImageSource source, long seed, int firstBatch) {
    Preprocessing plain = Preprocessing.forTraining(imageSize, normalization);
    ImageTransform transform = augmentation.after(plain.transform(), normalization);
    Steps steps =
        new Steps(new Preprocessing(transform, normalization), augmentation.batchMix(), seed);
    return new ImageBatches(source, source.shuffled(seed), this, steps, firstBatch);
  }

  /** One pass over all images in their order, without chance. */
  public ImageBatches evaluation(ImageSource source) {
    Preprocessing preprocessing = Preprocessing.forEvaluation(imageSize, normalization);
    Steps steps = new Steps(preprocessing, BatchMix.NONE, 0);
    return new ImageBatches(source, source.inOrder(), this, steps, 0);
  }
}
