package org.kerneldna.layers.adapt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Restricts the training of a graph to its adapters: children's modulation, gates, normalisations
 * (gamma and beta; running statistics go on moving) and the head, that is the last layers with
 * parameters before the outputs. Everything else keeps its values bit for bit, whatever momentum,
 * regularisation and constraints it has.
 *
 * <pre>{@code
 * AdaptersOnly adaptersOnly = AdaptersOnly.on(graph);
 * graph.fit(images);
 * adaptersOnly.undo();
 * }</pre>
 *
 * <p>It changes how layers learn, not what they are: frozen ones get a learning rate of 0 and lose
 * regularisation and constraints. So a saved graph is still restricted when it is read, only what
 * to undo it with is not saved. Either way the updater's state, such as momentum, starts anew.
 */
public final class AdaptersOnly {

  private final ComputationGraph graph;
  private final List<Learning> frozen = new ArrayList<>();

  /** How a layer learned. */
  private record Learning(
      BaseLayer layer,
      IUpdater updater,
      IUpdater biasUpdater,
      List<Regularization> regularization,
      List<Regularization> regularizationBias,
      List<LayerConstraint> constraints,
      boolean frozenKernel) {

    static Learning of(BaseLayer layer) {
      return new Learning(
          layer,
          layer.getIUpdater(),
          layer.getBiasUpdater(),
          layer.getRegularization(),
          layer.getRegularizationBias(),
          layer.getConstraints(),
          layer instanceof KernelDNAConvolution conv && conv.isFrozenKernel());
    }

    void apply() {
      layer.setIUpdater(updater);
      layer.setBiasUpdater(biasUpdater);
      layer.setRegularization(regularization);
      layer.setRegularizationBias(regularizationBias);
      layer.setConstraints(constraints);
      if (layer instanceof KernelDNAConvolution conv) {
        conv.setFrozenKernel(frozenKernel);
      }
    }
  }

  private AdaptersOnly(ComputationGraph graph) {
    this.graph = graph;
  }

  /**
   * Restricts the training of {@code graph} from now on.
   *
   * @throws IllegalArgumentException if a layer is of a kind that cannot be frozen so; nothing has
   *     changed then
   */
  public static AdaptersOnly on(ComputationGraph graph) {
    AdaptersOnly adaptersOnly = new AdaptersOnly(graph);
    List<BaseLayer> layers = adaptersOnly.toFreeze();
    layers.forEach(adaptersOnly::freeze);
    graph.setUpdater(null);
    return adaptersOnly;
  }

  /** Lets all layers learn as they did before. */
  public void undo() {
    frozen.forEach(Learning::apply);
    graph.setUpdater(null);
  }

  private List<BaseLayer> toFreeze() {
    Set<String> heads = heads();
    List<BaseLayer> layers = new ArrayList<>();
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex.numParams() > 0 && !heads.contains(vertex.getVertexName())) {
        Layer layer = conf(vertex.getVertexName());
        if (layer instanceof BaseLayer base) {
          if (!isAdapter(base)) {
            layers.add(base);
          }
        } else if (!(layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop)) {
          throw new IllegalArgumentException(
              "\"%s\" cannot be frozen: a %s does not tell how it learns"
                  .formatted(vertex.getVertexName(), layer.getClass().getSimpleName()));
        }
      }
    }
    return layers;
  }

  private void freeze(BaseLayer layer) {
    frozen.add(Learning.of(layer));
    layer.setConstraints(null);
    if (layer instanceof KernelDNAConvolution conv) {
      conv.setFrozenKernel(true);
    } else {
      layer.setIUpdater(new Sgd(0));
      layer.setBiasUpdater(null);
      layer.setRegularization(new ArrayList<>());
      layer.setRegularizationBias(new ArrayList<>());
    }
  }

  /** What learns at a vertex; null if that is no layer. */
  private Layer conf(String name) {
    return graph.getConfiguration().getVertices().get(name) instanceof LayerVertex layer
        ? unwrapped(layer.getLayerConf().getLayer())
        : null;
  }

  private static Layer unwrapped(Layer layer) {
    return layer instanceof BaseWrapperLayer wrapper && !(layer instanceof FrozenLayerWithBackprop)
        ? unwrapped(wrapper.getUnderlying())
        : layer;
  }

  /** Whether all that the layer learns is modulation, a gate, or a normalisation's. */
  private static boolean isAdapter(BaseLayer layer) {
    return layer instanceof SqueezeExcitation
        || layer instanceof BatchNormalization
        || layer instanceof Parametrized listed
            && listed.parameters().stream()
                .noneMatch(p -> p.role() == Role.WEIGHT || p.role() == Role.BIAS);
  }

  /** The last layers that learn, but for normalisations after them. */
  private Set<String> heads() {
    GraphVertex[] vertices = graph.getVertices();
    Set<String> heads = new HashSet<>();
    Deque<GraphVertex> open = new ArrayDeque<>();
    graph.getConfiguration().getNetworkOutputs().forEach(name -> open.add(graph.getVertex(name)));
    while (!open.isEmpty()) {
      GraphVertex vertex = open.remove();
      boolean learns = vertex.numParams() > 0;
      if (learns && !(conf(vertex.getVertexName()) instanceof BaseLayer base && isAdapter(base))) {
        heads.add(vertex.getVertexName());
      } else if (!isShared(vertex) && vertex.getInputVertices() != null) {
        for (VertexIndices input : vertex.getInputVertices()) {
          open.add(vertices[input.getVertexIndex()]);
        }
      }
    }
    return heads;
  }

  /** Whether it convolves with a shared kernel; no such convolution is a head. */
  private boolean isShared(GraphVertex vertex) {
    return graph.getConfiguration().getVertices().get(vertex.getVertexName())
        instanceof SharedConvolution;
  }
}
