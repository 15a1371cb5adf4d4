package org.kerneldna.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.inference.CompiledNetwork;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.report.Progress;
import org.nd4j.evaluation.classification.ConfusionMatrix;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Measures any graph with one input and a softmax output, compiled for inference. */
public final class Evaluator implements AutoCloseable {

  private static final int TOP = 5;

  private final CompiledNetwork network;
  private final List<String> classes;

  /**
   * Measures {@code graph} with the parameters it has now.
   *
   * @throws IllegalArgumentException if its output is no layer that ends in a softmax
   */
  public Evaluator(ComputationGraph graph, List<String> classes) {
    network = CompiledNetwork.of(Logits.graph(graph));
    this.classes = classes;
  }

  /**
   * Classifies all images.
   *
   * @throws InputException if no image can be read
   */
  public EvaluationResult evaluate(ImageBatches batches, Progress progress) {
    return evaluate(batches, progress, () -> false).orElseThrow();
  }

  /** Classifies all images; gives nothing if a stop is asked for before it is through. */
  Optional<EvaluationResult> evaluate(
      ImageBatches batches, Progress progress, BooleanSupplier stop) {
    Evaluation evaluation = new Evaluation(classes, TOP);
    Stopwatch watch = new Stopwatch();
    double loss = 0;
    long images = 0;
    while (batches.hasNext()) {
      if (stop.getAsBoolean()) {
        return Optional.empty();
      }
      DataSet batch = batches.next();
      INDArray logits = network.outputSingle(batch.getFeatures());
      loss += Loss.requireFinite(CrossEntropy.sum(logits, batch.getLabels()), "validation");
      // They rank the classes as probabilities do, of which the smallest would all be 0.
      evaluation.eval(batch.getLabels(), logits);
      images += batch.numExamples();
      progress.step(figures(evaluation, watch.perSecond(images)));
    }
    if (images == 0) {
      throw new InputException("none of the validation images can be read");
    }
    return Optional.of(
        new EvaluationResult(
            loss / images,
            100 * evaluation.accuracy(),
            100 * evaluation.topNAccuracy(),
            images,
            batches.badImages().size(),
            watch.perSecond(images),
            confusion(evaluation.getConfusionMatrix())));
  }

  /** Releases the compiled network. */
  @Override
  public void close() {
    network.close();
  }

  private static String figures(Evaluation evaluation, double imagesPerSecond) {
    return String.format(
        Locale.ROOT, "top-1 %.1f %%, %.0f/s", 100 * evaluation.accuracy(), imagesPerSecond);
  }

  private int[][] confusion(ConfusionMatrix<Integer> counts) {
    int[][] matrix = new int[classes.size()][classes.size()];
    for (int actual = 0; actual < matrix.length; actual++) {
      for (int predicted = 0; predicted < matrix.length; predicted++) {
        matrix[actual][predicted] = counts.getCount(actual, predicted);
      }
    }
    return matrix;
  }
}
