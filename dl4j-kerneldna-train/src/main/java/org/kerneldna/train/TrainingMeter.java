package org.kerneldna.train;

import java.util.Map;
import lombok.Getter;
import lombok.experimental.Accessors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Running cross-entropy and top-1 of the batches that a network is trained on, taken from the
 * training's own forward pass. The network's output must be a softmax over the logits of another
 * vertex.
 *
 * <p>DL4J's score is another number: it includes the weight decay, and takes no probability for
 * less than 1e-10.
 */
@Accessors(fluent = true)
final class TrainingMeter extends BaseTrainingListener {

  @Getter private EpochProgress progress;
  private INDArray labels;

  /**
   * @param progress what the epoch has come to already
   */
  TrainingMeter(EpochProgress progress) {
    this.progress = progress;
  }

  /** To be called before each pass, since a graph does not tell its labels. */
  void labels(INDArray labels) {
    this.labels = labels;
  }

  /**
   * To be called after each step, of one pass or several.
   *
   * @param batches that the epoch has used up
   */
  void stepDone(int batches) {
    progress = progress.plusStep(batches);
  }

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    INDArray logits = activations.get(logitsVertex((ComputationGraph) model));
    double loss = CrossEntropy.sum(logits, labels);
    INDArray right = logits.argMax(1).eq(labels.argMax(1));
    long hits = right.castTo(logits.dataType()).sumNumber().longValue();
    progress = progress.plusImages(labels.size(0), loss, hits);
  }

  private static String logitsVertex(ComputationGraph graph) {
    String output = graph.getConfiguration().getNetworkOutputs().get(0);
    return graph.getConfiguration().getVertexInputs().get(output).get(0);
  }
}
