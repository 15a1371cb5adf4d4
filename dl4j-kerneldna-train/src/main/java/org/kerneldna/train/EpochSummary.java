package org.kerneldna.train;

import java.util.Locale;

/**
 * The figures of one epoch. Losses are mean cross-entropies, top-1 and top-5 are percent.
 *
 * @param epoch from 1
 * @param lr learning rate of the epoch
 * @param trainTop1 of the augmented images, while the network was learning
 * @param trainBadImages training images that were left out
 * @param evalBadImages validation images that were left out
 */
public record EpochSummary(
    int epoch,
    double lr,
    double trainLoss,
    double trainTop1,
    double trainImagesPerSecond,
    int trainBadImages,
    double evalLoss,
    double evalTop1,
    double evalTop5,
    double evalImagesPerSecond,
    int evalBadImages) {

  /** Names of the columns, in order. */
  public static final String CSV_HEADER =
      "epoch,lr,train_loss,train_top1,train_images_per_second,train_bad_images,"
          + "eval_loss,eval_top1,eval_top5,eval_images_per_second,eval_bad_images";

  static EpochSummary of(
      int epoch, double lr, TrainingResult training, EvaluationResult evaluation) {
    return new EpochSummary(
        epoch,
        lr,
        training.loss(),
        training.top1(),
        training.imagesPerSecond(),
        training.badImages(),
        evaluation.loss(),
        evaluation.top1(),
        evaluation.top5(),
        evaluation.imagesPerSecond(),
        evaluation.badImages());
  }

  /** One row of {@code summary.csv}. */
  public String toCsv() {
    return String.format(
        Locale.ROOT,
        "%d,%.6g,%.6f,%.3f,%.1f,%d,%.6f,%.3f,%.3f,%.1f,%d",
        epoch,
        lr,
        trainLoss,
        trainTop1,
        trainImagesPerSecond,
        trainBadImages,
        evalLoss,
        evalTop1,
        evalTop5,
        evalImagesPerSecond,
        evalBadImages);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "epoch %d: lr %.4g, loss %.4f, top-1 %.2f %%, %.0f images/s, %d bad images; "
            + "validation: loss %.4f, top-1 %.2f %%, top-5 %.2f %%, %.0f images/s, %d bad images",
        epoch,
        lr,
        trainLoss,
        trainTop1,
        trainImagesPerSecond,
        trainBadImages,
        evalLoss,
        evalTop1,
        evalTop5,
        evalImagesPerSecond,
        evalBadImages);
  }
}
