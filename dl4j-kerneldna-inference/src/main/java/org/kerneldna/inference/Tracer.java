package org.kerneldna.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.kerneldna.inference.Step.Add;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.ParentKernel;
import org.kerneldna.layers.SharedConvolution;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a graph's inference down as steps, vertex by vertex, with nothing folded but children's
 * kernels, which are no values of the program: they depend on no input. A vertex without a step of
 * its own stays a vertex.
 */
final class Tracer {

  private final ComputationGraph graph;
  private final ComputationGraphConfiguration conf;
  private final List<Step> steps = new ArrayList<>();

  /** Kernels by the vertex that gives them. */
  private final Map<String, INDArray> kernels = new HashMap<>();

  /** What to read in place of vertices that do nothing at inference. */
  private final Map<String, String> same = new HashMap<>();

  private Tracer(ComputationGraph graph) {
    this.graph = graph;
    this.conf = graph.getConfiguration();
  }

  /** The inference of {@code graph}, with copies of its parameters. */
  static Program trace(ComputationGraph graph) {
    Tracer tracer = new Tracer(graph);
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      if (!vertex.isInputVertex()) {
        tracer.add(vertex);
      }
    }
    return new Program(
        List.copyOf(tracer.conf.getNetworkInputs()),
        List.copyOf(tracer.steps),
        tracer.conf.getNetworkOutputs().stream().map(tracer::resolved).toList());
  }

  private void add(GraphVertex vertex) {
    String name = vertex.getVertexName();
    List<String> inputs = conf.getVertexInputs().get(name).stream().map(this::resolved).toList();
    if (!isKernel(vertex)) {
      List<Step> own = own(vertex, inputs).orElse(List.of(new Step.Vertex(name, inputs, vertex)));
      steps.addAll(own);
      if (own.isEmpty()) {
        same.put(name, inputs.get(0));
      }
    }
  }

  private String resolved(String name) {
    return same.getOrDefault(name, name);
  }

  /** Notes the kernel down if that is what the vertex gives. */
  private boolean isKernel(GraphVertex vertex) {
    String name = vertex.getVertexName();
    Layer layer = layer(name).orElse(null);
    if (layer instanceof ParentKernel) {
      kernels.put(name, LayerSteps.parameter(vertex.getLayer(), KernelDNAConvolution.KERNEL));
    } else if (layer instanceof ChildKernel) {
      INDArray parent = kernels.get(conf.getVertexInputs().get(name).get(0));
      kernels.put(name, LayerSteps.modulated(parent, vertex.getLayer()));
    }
    return kernels.containsKey(name);
  }

  private Optional<List<Step>> own(GraphVertex vertex, List<String> inputs) {
    String name = vertex.getVertexName();
    var config = unfrozen(conf.getVertices().get(name));
    if (config instanceof SharedConvolution shared) {
      INDArray kernel = kernels.get(conf.getVertexInputs().get(name).get(1));
      return Optional.of(
          List.of(LayerSteps.convolution(name, inputs.get(0), shared.getGeometry(), kernel, null)));
    }
    if (config instanceof ElementWiseVertex sum
        && sum.getOp() == ElementWiseVertex.Op.Add
        && inputs.size() == 2) {
      return Optional.of(
          List.of(new Add(name, inputs.get(0), inputs.get(1), Nonlinearity.IDENTITY)));
    }
    return layer(name)
        .flatMap(layer -> new LayerSteps(name, inputs.get(0), vertex.getLayer()).of(layer));
  }

  /** The layer at a vertex that is one and takes its input as it comes. */
  private Optional<Layer> layer(String name) {
    return conf.getVertices().get(name) instanceof LayerVertex vertex
            && vertex.getPreProcessor() == null
        ? Optional.of(unfrozen(vertex.getLayerConf().getLayer()))
        : Optional.empty();
  }

  /** The vertex that a frozen one holds, as transfer learning makes them. */
  static org.deeplearning4j.nn.conf.graph.GraphVertex unfrozen(
      org.deeplearning4j.nn.conf.graph.GraphVertex vertex) {
    return vertex instanceof FrozenVertex frozen ? frozen.getUnderlying() : vertex;
  }

  /** The layer that a frozen one holds. */
  static Layer unfrozen(Layer layer) {
    if (layer instanceof FrozenLayer frozen) {
      return frozen.getLayer();
    }
    return layer instanceof FrozenLayerWithBackprop frozen ? frozen.getUnderlying() : layer;
  }
}
