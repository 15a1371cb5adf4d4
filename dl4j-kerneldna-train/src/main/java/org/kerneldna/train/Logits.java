package org.kerneldna.train;

import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** What enters the softmax of a graph's output. */
@UtilityClass
class Logits {

  /**
   * A graph that gives the logits, and shares the parameters of {@code graph}.
   *
   * @param graph its one output is a layer that ends in a softmax
   * @throws IllegalArgumentException for any other output
   */
  ComputationGraph graph(ComputationGraph graph) {
    ComputationGraphConfiguration conf = graph.getConfiguration().clone();
    output(conf).setActivationFn(new ActivationIdentity());
    ComputationGraph logits = new ComputationGraph(conf);
    logits.init(graph.params(), false);
    return logits;
  }

  private BaseLayer output(ComputationGraphConfiguration conf) {
    String name = conf.getNetworkOutputs().get(0);
    if (conf.getVertices().get(name) instanceof LayerVertex vertex
        && vertex.getLayerConf().getLayer() instanceof BaseLayer layer
        && layer.getActivationFn() instanceof ActivationSoftmax) {
      return layer;
    }
    throw new IllegalArgumentException(
        "The output \"%s\" is no layer that ends in a softmax, so that it has no cross-entropy"
            .formatted(name));
  }
}
