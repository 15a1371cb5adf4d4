package org.kerneldna.layers.adapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.kerneldna.layers.ChannelBias;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.dynamic.Gate;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rewires a trained graph so that convolutions share kernels. All other vertices and parameters
 * stay as they are, and so do the names of the convolutions, their biases and activation functions.
 * A parent keeps its kernel; each child's modulation is the {@link ModulationFit} of the kernel
 * that the child had.
 *
 * <p>The gates start neutral: the last layer of each is 0, so that they are 0.5 for every input,
 * where the sigmoid is steepest, and 1 + f is doubled in return.
 */
final class KernelSharing {

  private final ComputationGraph original;
  private final List<KernelGroup> groups;
  private final int gateRatio;
  private final PlainConvolutions convolutions;

  KernelSharing(ComputationGraph original, List<KernelGroup> groups, int gateRatio) {
    this.original = original;
    this.groups = groups;
    this.gateRatio = gateRatio;
    this.convolutions = new PlainConvolutions(original);
  }

  /**
   * The new graph.
   *
   * @param errors relative error of the least-squares fit, by child
   */
  record Result(ComputationGraph graph, Map<String, Double> errors) {}

  Result apply() {
    ComputationGraph graph = new ComputationGraph(configuration());
    graph.init();
    copyOthers(graph);
    Map<String, Double> errors = new LinkedHashMap<>();
    for (KernelGroup group : groups) {
      INDArray kernel = kernel(group.parent());
      graph
          .getLayer(KernelDNA.kernelOf(group.parent()))
          .getParam(KernelDNAConvolution.KERNEL)
          .assign(kernel);
      copyBias(graph, group.parent());
      for (String child : group.children()) {
        errors.put(child, fit(graph, child, kernel));
        copyBias(graph, child);
      }
    }
    return new Result(graph, errors);
  }

  private ComputationGraphConfiguration configuration() {
    ComputationGraphConfiguration old = original.getConfiguration();
    // Nothing here reaches the layers that stay, and new ones inherit from those they replace.
    GraphBuilder builder =
        new GraphBuilder(
            old,
            new NeuralNetConfiguration.Builder(old.getDefaultConfiguration())
                .dataType(old.getDataType())
                .activation(Activation.IDENTITY));
    builder.allowDisconnected(true).allowNoOutput(true).validateOutputLayerConfig(false);
    KernelDNA sharing = KernelDNA.on(builder);
    for (KernelGroup group : groups) {
      ConvolutionLayer parent = convolutions.get(group.parent()).clone();
      sharing.parent(group.parent(), parent, remove(group.parent(), builder));
      for (String child : group.children()) {
        int ratio = (int) Math.min(gateRatio, parent.getNIn());
        KernelDNAConvolution conf =
            KernelDNAConvolution.inPlaceOf(convolutions.get(child).clone(), ratio);
        sharing.child(child, group.parent(), conf, remove(child, builder));
      }
    }
    ComputationGraphConfiguration built = sharing.build();
    ComputationGraphConfiguration rewired = old.clone();
    rewired.setVertices(built.getVertices());
    rewired.setVertexInputs(built.getVertexInputs());
    return rewired;
  }

  /** Takes a convolution out, and gives the vertex that it had as its input. */
  private static String remove(String name, GraphBuilder builder) {
    LayerVertex vertex = (LayerVertex) builder.getVertices().get(name);
    String input = builder.getVertexInputs().get(name).get(0);
    builder.removeVertex(name, false);
    if (vertex.getPreProcessor() == null) {
      return input;
    }
    String preprocessor = name + "-preprocessor";
    builder.addVertex(preprocessor, new PreprocessorVertex(vertex.getPreProcessor()), input);
    return preprocessor;
  }

  private void copyOthers(ComputationGraph graph) {
    List<String> replaced = new ArrayList<>();
    for (KernelGroup group : groups) {
      replaced.add(group.parent());
      replaced.addAll(group.children());
    }
    for (GraphVertex old : original.getVertices()) {
      if (old.numParams() > 0 && !replaced.contains(old.getVertexName())) {
        graph.getVertex(old.getVertexName()).params().assign(old.params());
      }
    }
  }

  private double fit(ComputationGraph graph, String child, INDArray parent) {
    ModulationFit fit = ModulationFit.of(kernel(child), parent);
    Layer modulation = graph.getLayer(KernelDNA.kernelOf(child));
    if (fit.spatial() != null) {
      assign(modulation, KernelDNAConvolution.SPATIAL, fit.spatial());
    }
    assign(modulation, KernelDNAConvolution.FILTER, fit.filter().mul(2).addi(1));
    Layer gate = graph.getLayer(KernelDNA.gateOf(child));
    gate.getParam(Gate.W2).assign(0);
    gate.getParam(Gate.B2).assign(0);
    return fit.relativeError();
  }

  private void copyBias(ComputationGraph graph, String name) {
    if (convolutions.get(name).hasBias()) {
      // It is the last of the convolution's vertices unless an activation function follows.
      Layer last = graph.getLayer(name);
      Layer bias =
          last.conf().getLayer() instanceof ChannelBias ? last : graph.getLayer(name + "-bias");
      assign(
          bias,
          KernelDNAConvolution.BIAS,
          original.getLayer(name).getParam(KernelDNAConvolution.BIAS));
    }
  }

  private INDArray kernel(String name) {
    return original.getLayer(name).getParam(KernelDNAConvolution.KERNEL);
  }

  private static void assign(Layer layer, String key, INDArray values) {
    INDArray parameter = layer.getParam(key);
    parameter.assign(values.reshape(parameter.shape()).castTo(parameter.dataType()));
  }
}
