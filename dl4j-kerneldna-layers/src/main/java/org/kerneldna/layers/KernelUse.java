package org.kerneldna.layers;

import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.kerneldna.graph.read.Thawed;

/**
 * How a {@link SharedConvolution} stands in a graph, which transfer learning may have changed since
 * {@link KernelDNA} wired it.
 */
final class KernelUse {

  private final ComputationGraphConfiguration conf;
  private final String name;
  private final List<String> inputs;

  KernelUse(ComputationGraphConfiguration conf, String name) {
    this.conf = conf;
    this.name = name;
    this.inputs = conf.getVertexInputs().get(name);
  }

  /**
   * @throws DL4JInvalidConfigException if the convolution could not run, or would be fed a kernel
   *     as if it were data
   */
  void validate() {
    if (inputs.size() != 2) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Convolution \"%s\" needs activations and a kernel but has inputs %s; remove it too,"
                  + " or add what was removed again under its name",
              name, inputs));
    }
    String kernel = inputs.get(1);
    if (layer(kernel) instanceof ChildKernel) {
      kernel = conf.getVertexInputs().get(kernel).get(0);
    }
    if (conf.getNetworkInputs().contains(kernel)) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Convolution \"%s\" would get kernel \"%s\" as an input of the network, next to the"
                  + " features: frozen and trained layers share it. TransferLearningHelper takes a"
                  + " parent and its children all frozen or all trained; otherwise freeze by"
                  + " TransferLearning.GraphBuilder.setFeatureExtractor",
              name, kernel));
    }
    if (layer(kernel) instanceof ParentKernel parent) {
      requireChannels(kernel, parent.getNIn(), channels(inputs.get(0)));
    }
  }

  private void requireChannels(String kernel, long nIn, long channels) {
    if (channels > 0 && nIn > 0 && channels != nIn) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Convolution \"%s\" gets %d channels from \"%s\" but its kernel \"%s\" has nIn %d;"
                  + " after nOutReplace call nInReplace(\"%s\", %d, ...), and the same for the gates"
                  + " of its children",
              name, channels, inputs.get(0), kernel, nIn, kernel, channels));
    }
  }

  /** The channels of a vertex's output as configured, or 0 where they are not written down. */
  private long channels(String vertex) {
    Layer layer = layer(vertex);
    if (layer instanceof FeedForwardLayer sized) {
      return sized.getNOut();
    }
    return keepsChannels(layer) && !isPreprocessed(vertex)
        ? channels(conf.getVertexInputs().get(vertex).get(0))
        : 0;
  }

  private boolean isPreprocessed(String vertex) {
    return Thawed.vertex(conf.getVertices().get(vertex)) instanceof LayerVertex layer
        && layer.getPreProcessor() != null;
  }

  private static boolean keepsChannels(Layer layer) {
    return layer instanceof ActivationLayer
        || layer instanceof DropoutLayer
        || layer instanceof DropPath
        || layer instanceof SubsamplingLayer;
  }

  /** The layer at a vertex, without what wraps it; null if there is none. */
  private Layer layer(String vertex) {
    var found = conf.getVertices().get(vertex);
    if (found == null || !(Thawed.configuration(found) instanceof Layer layer)) {
      return null;
    }
    return layer instanceof BaseWrapperLayer wrapper ? wrapper.getUnderlying() : layer;
  }
}
