package org.kerneldna.inference;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.javacpp.BytePointer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs single vertices of a graph, one at a time, since a vertex holds its inputs. Shapes are the
 * program's, [N, C, H, W] for images; in memory images lie as the graph has them.
 */
final class VertexRunner {

  private final ComputationGraph graph;
  private final boolean channelsLast;

  VertexRunner(ComputationGraph graph, CNN2DFormat format) {
    this.graph = graph;
    this.channelsLast = format == CNN2DFormat.NHWC;
  }

  /** How values of a shape lie in memory when the graph reads or writes them. */
  memory.desc layout(long... shape) {
    return channelsLast && shape.length == 4
        ? OneDnn.desc(format_tag.acdb, shape)
        : OneDnn.plain(shape);
  }

  /** The shape that the graph has for the program's. */
  long[] ofGraph(long... shape) {
    return channelsLast && shape.length == 4
        ? new long[] {shape[0], shape[2], shape[3], shape[1]}
        : shape;
  }

  /** The shape that the program has for the graph's. */
  long[] ofProgram(long... shape) {
    return channelsLast && shape.length == 4
        ? new long[] {shape[0], shape[3], shape[1], shape[2]}
        : shape;
  }

  /** Which of the program's dimensions is the graph's last: over it DL4J's softmax goes. */
  int lastDimension(int rank) {
    return channelsLast && rank == 4 ? 1 : rank - 1;
  }

  /** The shape of a vertex's output for inputs of these shapes. */
  long[] outputShape(GraphVertex vertex, long[]... shapes) {
    INDArray[] inputs = new INDArray[shapes.length];
    for (int i = 0; i < shapes.length; i++) {
      inputs[i] = Nd4j.zeros(DataType.FLOAT, ofGraph(shapes[i]));
    }
    return ofProgram(forward(vertex, inputs).shape());
  }

  /** Runs a vertex on what lies in {@code from}, and writes its output to {@code to}. */
  void run(GraphVertex vertex, BytePointer[] from, long[][] shapes, BytePointer to) {
    INDArray[] inputs = new INDArray[from.length];
    for (int i = 0; i < from.length; i++) {
      float[] values = new float[(int) product(shapes[i])];
      floats(from[i]).get(values);
      inputs[i] = Nd4j.create(values, ofGraph(shapes[i]), 'c');
    }
    floats(to).put(Dense.floats(forward(vertex, inputs)));
  }

  private INDArray forward(GraphVertex vertex, INDArray... inputs) {
    LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
    synchronized (graph) {
      // Preprocessors ask the graph for the size of its batch.
      INDArray[] ofGraph = new INDArray[graph.getNumInputArrays()];
      Arrays.fill(ofGraph, inputs[0]);
      graph.setInputs(ofGraph);
      for (int i = 0; i < inputs.length; i++) {
        vertex.setInput(i, inputs[i], workspaces);
      }
      INDArray output = vertex.doForward(false, workspaces).castTo(DataType.FLOAT);
      vertex.clear();
      graph.clear();
      return output;
    }
  }

  private static FloatBuffer floats(BytePointer buffer) {
    return buffer.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static long product(long... shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }
}
