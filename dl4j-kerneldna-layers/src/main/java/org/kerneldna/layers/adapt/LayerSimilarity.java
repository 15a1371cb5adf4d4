package org.kerneldna.layers.adapt;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.kerneldna.layers.SharedConvolution;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How similar the outputs of layers are to one another on a batch, by {@link LinearCka}.
 *
 * @param layers their names
 * @param cka similarities by [layer][layer], each from 0 to 1
 */
public record LayerSimilarity(List<String> layers, double[][] cka) {

  /**
   * Measures some vertices of a graph.
   *
   * @param layers names of vertices
   * @param inputs a batch, one array for each input of the graph
   */
  public static LayerSimilarity measure(
      ComputationGraph graph, Collection<String> layers, INDArray... inputs) {
    Map<String, INDArray> grams = new LinkedHashMap<>();
    layers.forEach(layer -> grams.put(layer, null));
    ForwardPass.run(
        graph,
        inputs,
        new ForwardPass.Observer() {
          @Override
          public void after(GraphVertex vertex, INDArray output) {
            if (grams.containsKey(vertex.getVertexName())) {
              grams.put(vertex.getVertexName(), LinearCka.gram(output));
            }
          }
        });
    return new LayerSimilarity(List.copyOf(grams.keySet()), matrix(List.copyOf(grams.values())));
  }

  /**
   * All convolutions, of any kind, and linear layers of a graph, in the order in which they run.
   */
  public static List<String> measurable(ComputationGraph graph) {
    return IntStream.of(graph.topologicalSortOrder())
        .mapToObj(index -> graph.getVertices()[index].getVertexName())
        .filter(name -> isMeasurable(graph.getConfiguration().getVertices().get(name)))
        .toList();
  }

  private static boolean isMeasurable(org.deeplearning4j.nn.conf.graph.GraphVertex vertex) {
    if (!(vertex instanceof LayerVertex layerVertex)) {
      return vertex instanceof SharedConvolution;
    }
    Layer layer = layerVertex.getLayerConf().getLayer();
    return layer instanceof ConvolutionLayer
        || layer instanceof DenseLayer
        || layer instanceof BaseOutputLayer && layer.initializer().numParams(layer) > 0;
  }

  /** The similarity of two of the layers. */
  public double between(String layer, String other) {
    return cka[layers.indexOf(layer)][layers.indexOf(other)];
  }

  private static double[][] matrix(List<INDArray> grams) {
    double[][] cka = new double[grams.size()][grams.size()];
    for (int i = 0; i < cka.length; i++) {
      cka[i][i] = 1;
      for (int j = 0; j < i; j++) {
        cka[i][j] = LinearCka.ofGrams(grams.get(i), grams.get(j));
        cka[j][i] = cka[i][j];
      }
    }
    return cka;
  }
}
