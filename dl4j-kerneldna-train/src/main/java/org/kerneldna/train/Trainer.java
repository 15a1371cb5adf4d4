package org.kerneldna.train;

import java.util.Locale;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.report.Progress;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains any graph with one input and a softmax output, whose loss is the cross-entropy, for an
 * epoch at a time.
 */
@RequiredArgsConstructor
public final class Trainer {

  private final ComputationGraph graph;

  /**
   * Trains on all batches and counts the epoch in the graph. A last batch of a single image is left
   * out, for batch normalisation cannot train on it.
   *
   * @throws InputException if there is nothing to train on, or the loss is no longer a number
   */
  public TrainingResult trainEpoch(ImageBatches batches, Progress progress) {
    TrainingMeter meter = new TrainingMeter();
    Stopwatch watch = new Stopwatch();
    graph.addListeners(meter);
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      if (batch.numExamples() > 1) {
        meter.labels(batch.getLabels());
        graph.fit(batch);
        Loss.requireFinite(meter.loss());
        progress.step(figures(meter, watch));
      }
    }
    graph.getListeners().remove(meter);
    graph.incrementEpochCount();
    if (meter.images() == 0) {
      throw new InputException(
          "no two of the training images can be read: training needs batches of at least 2");
    }
    return new TrainingResult(
        meter.loss(),
        meter.top1(),
        meter.images(),
        batches.badImages().size(),
        watch.perSecond(meter.images()));
  }

  private static String figures(TrainingMeter meter, Stopwatch watch) {
    return String.format(
        Locale.ROOT,
        "loss %.3f, top-1 %.1f %%, %.0f/s",
        meter.loss(),
        meter.top1(),
        watch.perSecond(meter.images()));
  }
}
