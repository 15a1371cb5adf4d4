package org.kerneldna.layers;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.kerneldna.layers.impl.ConvolutionImpl;

/**
 * Spares a graph the gradient of its input images. DL4J computes it in every step and clears it
 * unread. At a network's first convolution, of three channels, it costs several times what the
 * gradient of the kernel does.
 */
public final class InputGradients {

  private InputGradients() {}

  /**
   * Stops every {@link Convolution} that reads input images from computing their gradient. Other
   * networks do not change, and a copy of this one computes it again. An input that something else
   * reads too, or that a preprocessor changes, keeps its gradient: DL4J adds up all of them or
   * none.
   *
   * @param graph an initialised graph
   * @return how many convolutions no longer compute it
   */
  public static int skip(ComputationGraph graph) {
    int count = 0;
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex.isInputVertex() && vertex.getOutputVertices() != null) {
        List<GraphVertex> readers =
            Arrays.stream(vertex.getOutputVertices())
                .map(VertexIndices::getVertexIndex)
                .map(index -> graph.getVertices()[index])
                .toList();
        if (readers.stream().allMatch(InputGradients::canSkip)) {
          readers.forEach(reader -> ((ConvolutionImpl) reader.getLayer()).skipInputGradient());
          count += readers.size();
        }
      }
    }
    return count;
  }

  private static boolean canSkip(GraphVertex vertex) {
    return vertex instanceof LayerVertex reader
        && reader.getLayerPreProcessor() == null
        && reader.getLayer() instanceof ConvolutionImpl;
  }
}
