package org.kerneldna.graph.read;

import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;

/** Takes off the wrappers by which transfer learning freezes vertices and layers. */
public final class Thawed {

  private Thawed() {}

  /** The vertex that a frozen one holds, or the vertex itself. */
  public static GraphVertex vertex(GraphVertex vertex) {
    return vertex instanceof FrozenVertex frozen ? vertex(frozen.getUnderlying()) : vertex;
  }

  /** The layer that a frozen one holds, or the layer itself. */
  public static Layer layer(Layer layer) {
    if (layer instanceof FrozenLayer frozen) {
      return layer(frozen.getLayer());
    }
    return layer instanceof FrozenLayerWithBackprop frozen ? layer(frozen.getUnderlying()) : layer;
  }

  /** What configures the computation of a vertex: its layer, or itself where it has none. */
  public static Object configuration(GraphVertex vertex) {
    GraphVertex thawed = vertex(vertex);
    return thawed instanceof LayerVertex layerVertex
        ? layer(layerVertex.getLayerConf().getLayer())
        : thawed;
  }
}
