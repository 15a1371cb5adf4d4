package org.kerneldna.layers.adapt;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs a graph as in inference, one vertex after the other, while an observer looks on. Activations
 * are let go as soon as all vertices that need them have run, so that a large batch fits.
 */
final class ForwardPass {

  private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  private ForwardPass() {}

  /** Looks on. */
  interface Observer {

    /** A vertex is about to run and has its inputs, a layer's preprocessed. */
    default void before(GraphVertex vertex) {}

    /** A vertex has run; the next may overwrite its output. */
    default void after(GraphVertex vertex, INDArray output) {}
  }

  /** Runs {@code graph} on a batch, one array for each of its inputs. */
  static void run(ComputationGraph graph, INDArray[] inputs, Observer observer) {
    graph.setInputs(inputs);
    GraphVertex[] vertices = graph.getVertices();
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = vertices[index];
      INDArray output;
      if (vertex.isInputVertex()) {
        output =
            inputs[graph.getConfiguration().getNetworkInputs().indexOf(vertex.getVertexName())];
      } else {
        observer.before(vertex);
        output = vertex.doForward(false, WORKSPACES);
        observer.after(vertex, output);
      }
      hand(output, vertex, vertices);
      vertex.clear();
    }
    graph.clear();
  }

  /** Copies where several vertices take the output: an activation function overwrites its input. */
  private static void hand(INDArray output, GraphVertex from, GraphVertex[] vertices) {
    VertexIndices[] takers = from.getOutputVertices();
    if (takers == null) {
      return;
    }
    boolean shared = takers.length > 1 || from.isInputVertex();
    for (VertexIndices taker : takers) {
      vertices[taker.getVertexIndex()].setInput(
          taker.getVertexEdgeNumber(), shared ? output.dup() : output, WORKSPACES);
    }
  }
}
