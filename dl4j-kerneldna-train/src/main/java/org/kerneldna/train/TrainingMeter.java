package org.kerneldna.train;

import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Running cross-entropy and top-1 of the batches that a network is trained on, taken from the
 * training's own forward pass. The network's output must be a softmax over the logits of another
 * vertex.
 *
 * <p>DL4J's score would do for the loss, but it includes the weight decay.
 */
final class TrainingMeter extends BaseTrainingListener {

  private INDArray labels;
  private long images;
  private double loss;
  private long hits;

  /** To be called before each step, since a graph does not tell its labels. */
  void labels(INDArray labels) {
    this.labels = labels;
  }

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    INDArray logits = activations.get(logitsVertex((ComputationGraph) model));
    INDArray logProbabilities = Nd4j.nn.logSoftmax(logits);
    images += labels.size(0);
    loss -= logProbabilities.mul(labels).sumNumber().doubleValue();
    hits += logits.argMax(1).eq(labels.argMax(1)).castTo(logits.dataType()).sumNumber().longValue();
  }

  private static String logitsVertex(ComputationGraph graph) {
    String output = graph.getConfiguration().getNetworkOutputs().get(0);
    return graph.getConfiguration().getVertexInputs().get(output).get(0);
  }

  long images() {
    return images;
  }

  /** Mean cross-entropy, natural logarithm. */
  double loss() {
    return loss / images;
  }

  /** Percent. */
  double top1() {
    return 100.0 * hits / images;
  }
}
