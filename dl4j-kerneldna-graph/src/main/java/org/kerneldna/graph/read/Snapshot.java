package org.kerneldna.graph.read;

import java.util.Arrays;
import lombok.AccessLevel;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.graph.Operation.Opaque;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A copy of the graph, by which DL4J computes what is left to it. It keeps the parameters of the
 * moment, leaves nothing behind in the graph, and does not wait for its training. It is made when
 * the first vertex needs it.
 */
@RequiredArgsConstructor(access = AccessLevel.PACKAGE)
public final class Snapshot {

  static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  /** Null if only a configuration is read. */
  private final ComputationGraph original;

  /** Null until something needs it. */
  private ComputationGraph copy;

  /** A copy of a graph, with copies of its parameters and without what trains it. */
  public static ComputationGraph copy(ComputationGraph graph) {
    ComputationGraphConfiguration conf = graph.getConfiguration().clone();
    // The vertices themselves, for a MergeVertex forgets its axis when it is cloned.
    graph
        .getConfiguration()
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (!(vertex instanceof LayerVertex)) {
                conf.getVertices().put(name, vertex);
              }
            });
    ComputationGraph copy = new ComputationGraph(conf);
    // DL4J takes no array of no parameters.
    copy.init(graph.numParams() == 0 ? null : graph.params(), true);
    return copy;
  }

  /** What a layer computes, without its preprocessor. */
  Opaque.Function layer(String name) {
    return function(
        (graph, inputs) -> {
          Layer layer = graph.getLayer(name);
          INDArray output = layer.activate(inputs[0], false, NO_WORKSPACES);
          layer.clear();
          return output;
        });
  }

  /** What a vertex computes that is no layer. */
  Opaque.Function vertex(String name) {
    return function(
        (graph, inputs) -> {
          GraphVertex vertex = graph.getVertex(name);
          for (int i = 0; i < inputs.length; i++) {
            vertex.setInput(i, inputs[i], NO_WORKSPACES);
          }
          INDArray output = vertex.doForward(false, NO_WORKSPACES);
          vertex.clear();
          return output;
        });
  }

  @FunctionalInterface
  private interface Computation {
    INDArray of(ComputationGraph graph, INDArray... inputs);
  }

  private Opaque.Function function(Computation computation) {
    if (original == null) {
      return null;
    }
    if (copy == null) {
      copy = copy(original);
    }
    return (batch, inputs) -> {
      synchronized (this) {
        DataType type = copy.getConfiguration().getDataType();
        INDArray[] typed =
            Arrays.stream(inputs).map(input -> input.castTo(type)).toArray(INDArray[]::new);
        return computation.of(copy, typed).castTo(DataType.FLOAT);
      }
    };
  }
}
