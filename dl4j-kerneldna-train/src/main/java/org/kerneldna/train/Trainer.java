package org.kerneldna.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.report.Progress;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains any graph with one input and a softmax output, whose loss is the cross-entropy, within an
 * epoch. A step is {@link ComputationGraph#fit} where that can do what the recipe asks for, else a
 * {@link GradientStep}.
 */
final class Trainer {

  private final ComputationGraph graph;
  private final Recipe recipe;
  private final GradientStep ownStep;

  /** Null without a running mean of the parameters. */
  private final Ema ema;

  Trainer(ComputationGraph graph, Recipe recipe, Ema ema) {
    this.graph = graph;
    this.recipe = recipe;
    this.ema = ema;
    ownStep = new GradientStep(graph, recipe.clipNorm());
  }

  /**
   * Goes on with the graph's epoch until its batches, the recipe's micro-batches, are used up, or a
   * stop is asked for. A last batch of a single image is left out, for batch normalisation cannot
   * train on it.
   *
   * @param batches those that the steps done have not taken yet
   * @param done how far the epoch has come
   * @param stop asked before every step
   * @param afterStep told after every step
   * @throws org.kerneldna.train.io.InputException if the loss is no longer a number
   */
  EpochProgress train(
      ImageBatches batches,
      EpochProgress done,
      BooleanSupplier stop,
      Consumer<EpochProgress> afterStep,
      Progress progress) {
    int epoch = graph.getEpochCount();
    TrainingMeter meter = new TrainingMeter(done);
    List<TrainingListener> listeners = new ArrayList<>(graph.getListeners());
    graph.addListeners(meter);
    try {
      Stopwatch watch = new Stopwatch();
      while (batches.hasNext() && !stop.getAsBoolean()) {
        // Dropout and the like draw from here; seeded by step, a resumed training draws the same.
        Nd4j.getRandom().setSeed(recipe.seedAt(epoch, meter.progress().step()));
        step(batches, meter);
        EpochProgress now = meter.progress();
        Loss.requireFinite(now.lossSum(), "epoch %d, step %d".formatted(epoch + 1, now.step()));
        progress.step(figures(now, watch.perSecond(now.images() - done.images())));
        afterStep.accept(now);
      }
    } finally {
      graph.setListeners(listeners);
    }
    return meter.progress();
  }

  private void step(ImageBatches batches, TrainingMeter meter) {
    int iteration = graph.getIterationCount();
    if (recipe.accumulate() == 1 && recipe.clipNorm() == 0) {
      take(batches, meter, graph::fit);
    } else {
      int parts = 0;
      while (parts++ < recipe.accumulate() && batches.hasNext()) {
        take(batches, meter, ownStep::add);
      }
      ownStep.apply();
    }
    // Schedules and the mean count steps, even one whose images could not be read.
    graph.getConfiguration().setIterationCount(iteration + 1);
    if (ema != null) {
      ema.update();
    }
    meter.stepDone(batches.position());
  }

  private void take(ImageBatches batches, TrainingMeter meter, Consumer<DataSet> learn) {
    DataSet batch = batches.next();
    if (batch.numExamples() > 1) {
      smooth(batch.getLabels());
      meter.labels(batch.getLabels());
      learn.accept(batch);
    }
  }

  private void smooth(INDArray labels) {
    double share = recipe.labelSmoothing();
    if (share > 0) {
      labels.muli(1 - share).addi(share / labels.size(1));
    }
  }

  private static String figures(EpochProgress progress, double imagesPerSecond) {
    if (progress.images() == 0) {
      return "no image yet";
    }
    return String.format(
        Locale.ROOT,
        "loss %.3f, top-1 %.1f %%, %.0f/s",
        progress.loss(),
        progress.top1(),
        imagesPerSecond);
  }
}
