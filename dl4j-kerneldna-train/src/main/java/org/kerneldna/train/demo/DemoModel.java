package org.kerneldna.train.demo;

import java.util.List;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.EpochSummary;
import org.kerneldna.train.EvaluationResult;
import org.kerneldna.train.Median;

/**
 * The figures of one network of the demonstration.
 *
 * @param title name for people
 * @param macs multiply-accumulates of one image
 * @param top1 percent, after the last epoch
 * @param top5 percent, after the last epoch
 * @param trainImagesPerSecond of the median epoch, reading included
 * @param inferenceImagesPerSecond of the median batch, without reading
 * @param classes names by label
 * @param confusion number of validation images by [true class][predicted class]
 * @param history figures of every epoch
 */
public record DemoModel(
    String title,
    String arch,
    boolean customize,
    long params,
    long macs,
    double top1,
    double top5,
    double trainImagesPerSecond,
    double inferenceImagesPerSecond,
    List<String> classes,
    int[][] confusion,
    List<EpochSummary> history) {

  static DemoModel of(
      Checkpoint checkpoint,
      List<EpochSummary> history,
      EvaluationResult result,
      double inferenceImagesPerSecond) {
    Card card = checkpoint.card();
    Complexity complexity = checkpoint.complexity();
    return new DemoModel(
        card.model().title(),
        card.model().arch(),
        card.model().customize(),
        complexity.parameters(),
        complexity.macs(),
        result.top1(),
        result.top5(),
        Median.of(history.stream().mapToDouble(EpochSummary::trainImagesPerSecond)),
        inferenceImagesPerSecond,
        card.classes(),
        result.confusion(),
        history);
  }
}
