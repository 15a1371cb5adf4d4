package org.kerneldna.train;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.InputGradients;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A step of {@link ComputationGraph#fit} that takes its images in parts, and may clip the gradient.
 * With one part and no clipping it is the same step.
 *
 * <p>Gradients of the parts add up, so that a step is that of all images together, but for batch
 * normalisation, which sees a part at a time; its running statistics move as they do for one batch
 * whose statistics are the mean of the parts'.
 */
final class GradientStep {

  private final ComputationGraph graph;
  private final double clipNorm;
  private INDArray sum;
  private int parts;
  private int images;

  /**
   * @param graph computes no gradient of its images from now on, see {@link InputGradients}
   * @param clipNorm the longest gradient of the mean loss, weight decay left out; 0: any
   */
  GradientStep(ComputationGraph graph, double clipNorm) {
    this.graph = graph;
    this.clipNorm = clipNorm;
    InputGradients.skip(graph);
  }

  /** Adds the gradient of some of the step's images. */
  void add(DataSet part) {
    graph.setInputs(part.getFeatures());
    graph.setLabels(part.getLabels());
    graph.computeGradientAndScore();
    INDArray gradient = graph.getFlattenedGradients();
    if (sum == null) {
      sum = gradient.dup();
    } else if (parts == 0) {
      sum.assign(gradient);
    } else {
      sum.addi(gradient);
    }
    parts++;
    images += part.numExamples();
  }

  /** Moves the parameters by what was added; if that is nothing, not at all. */
  void apply() {
    if (parts == 0) {
      return;
    }
    graph.getFlattenedGradients().assign(sum);
    views(false).forEach(statistic -> statistic.divi(parts));
    if (clipNorm > 0) {
      clip();
    }
    graph.getListeners().forEach(listener -> listener.onGradientCalculation(graph));
    update();
    parts = 0;
    images = 0;
  }

  private void clip() {
    List<INDArray> gradients = views(true);
    double squares =
        gradients.stream().mapToDouble(g -> Math.pow(g.norm2Number().doubleValue(), 2)).sum();
    double norm = Math.sqrt(squares) / images;
    if (norm > clipNorm) {
      gradients.forEach(gradient -> gradient.muli(clipNorm / norm));
    }
  }

  /**
   * The parts of the flat gradient that are gradients, or those that are changes of running
   * statistics. DL4J tells them apart by dividing only the former by the number of images.
   */
  private List<INDArray> views(boolean gradients) {
    List<INDArray> views = new ArrayList<>();
    for (Layer layer : graph.getLayers()) {
      String prefix = layer.conf().getLayer().getLayerName() + "_";
      for (String name : layer.paramTable().keySet()) {
        INDArray view = graph.gradient().getGradientFor(prefix + name);
        if (view != null && layer.updaterDivideByMinibatch(name) == gradients) {
          views.add(view);
        }
      }
    }
    return views;
  }

  private void update() {
    int iteration = graph.getIterationCount();
    int epoch = graph.getEpochCount();
    graph
        .getUpdater()
        .update(graph.gradient(), iteration, epoch, images, LayerWorkspaceMgr.noWorkspaces());
    graph.params().subi(graph.getFlattenedGradients().reshape(graph.params().shape()));
    for (TrainingListener listener : graph.getListeners()) {
      listener.iterationDone(graph, iteration, epoch);
    }
    graph.getConfiguration().setIterationCount(iteration + 1);
    graph.applyConstraints(iteration + 1, epoch);
  }
}
