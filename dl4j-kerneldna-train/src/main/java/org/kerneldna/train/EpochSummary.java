package org.kerneldna.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The figures of one epoch. Losses are mean cross-entropies, top-1 and top-5 are percent.
 *
 * @param epoch from 1
 * @param lr learning rate of the epoch
 * @param trainTop1 of the augmented images, while the network was learning
 * @param trainDataWait share of the time in which training waited for images, in percent
 * @param trainBadImages training images that were left out
 * @param evalBadImages validation images that were left out
 */
public record EpochSummary(
    int epoch,
    double lr,
    double trainLoss,
    double trainTop1,
    double trainImagesPerSecond,
    double trainDataWait,
    int trainBadImages,
    double evalLoss,
    double evalTop1,
    double evalTop5,
    double evalImagesPerSecond,
    int evalBadImages) {

  /** A column of {@code summary.csv}. */
  private record Column(String name, String format, Function<EpochSummary, Number> figure) {

    String cell(EpochSummary summary) {
      return String.format(Locale.ROOT, format, figure.apply(summary));
    }
  }

  private static final List<Column> COLUMNS =
      List.of(
          new Column("epoch", "%d", EpochSummary::epoch),
          new Column("lr", "%.6g", EpochSummary::lr),
          new Column("train_loss", "%.6f", EpochSummary::trainLoss),
          new Column("train_top1", "%.3f", EpochSummary::trainTop1),
          new Column("train_images_per_second", "%.1f", EpochSummary::trainImagesPerSecond),
          new Column("train_data_wait", "%.1f", EpochSummary::trainDataWait),
          new Column("train_bad_images", "%d", EpochSummary::trainBadImages),
          new Column("eval_loss", "%.6f", EpochSummary::evalLoss),
          new Column("eval_top1", "%.3f", EpochSummary::evalTop1),
          new Column("eval_top5", "%.3f", EpochSummary::evalTop5),
          new Column("eval_images_per_second", "%.1f", EpochSummary::evalImagesPerSecond),
          new Column("eval_bad_images", "%d", EpochSummary::evalBadImages));

  /** The row of {@code summary.csv}, cells by column in order. */
  public Map<String, String> row() {
    Map<String, String> row = new LinkedHashMap<>();
    COLUMNS.forEach(column -> row.put(column.name(), column.cell(this)));
    return row;
  }

  static EpochSummary of(
      int epoch, double lr, TrainingResult training, EvaluationResult evaluation) {
    return new EpochSummary(
        epoch,
        lr,
        training.loss(),
        training.top1(),
        training.imagesPerSecond(),
        training.dataWait(),
        training.badImages(),
        evaluation.loss(),
        evaluation.top1(),
        evaluation.top5(),
        evaluation.imagesPerSecond(),
        evaluation.badImages());
  }

  /** One line for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "epoch %d: lr %.4g, loss %.4f, top-1 %.2f %%, %.0f images/s, data wait %.1f %%, %d bad images; "
            + "validation: loss %.4f, top-1 %.2f %%, top-5 %.2f %%, %.0f images/s, %d bad images",
        epoch,
        lr,
        trainLoss,
        trainTop1,
        trainImagesPerSecond,
        trainDataWait,
        trainBadImages,
        evalLoss,
        evalTop1,
        evalTop5,
        evalImagesPerSecond,
        evalBadImages);
  }
}
