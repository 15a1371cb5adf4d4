package org.kerneldna.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;

/**
 * Adds parents and children to a graph: convolutions anywhere in it that share one dense kernel
 * (arXiv 2503.23379).
 *
 * <pre>{@code
 * ComputationGraphConfiguration conf =
 *     KernelDNA.on(graph)
 *         .child("conv1", "conv2", new KernelDNAConvolution.Builder(3, 3).nOut(64).build(), "in")
 *         .parent("conv2", new Convolution.Builder(3, 3).nOut(64).build(), "relu1")
 *         .build();
 * }</pre>
 *
 * <p>A parent called {@code p} is a vertex {@code p} that convolves with the kernel held by layer
 * {@code p-kernel}. A child {@code c} is a gate {@code c-gate}, a kernel {@code c-kernel} derived
 * from the parent's, and a vertex {@code c} that convolves with it; what the child leaves out is
 * not there. With a bias or an activation function the convolution is {@code c-conv}, followed by
 * {@code c-bias} and the activation, the last of which is called {@code c}. Dropout on the input is
 * applied by the gate, or by {@code c-dropout} where there is no gate.
 *
 * <p>Parents and children may be declared in any order, and stand in any order in the graph. All
 * other vertices are added to the graph as ever, in between if need be.
 */
public final class KernelDNA {

  private final ComputationGraphConfiguration.GraphBuilder graph;
  private final Map<String, ConvolutionLayer> parents = new LinkedHashMap<>();
  private final Map<String, Child> children = new LinkedHashMap<>();
  private final Map<String, String> inputs = new LinkedHashMap<>();

  private record Child(String parent, KernelDNAConvolution conf) {}

  private KernelDNA(ComputationGraphConfiguration.GraphBuilder graph) {
    this.graph = graph;
  }

  /**
   * Adds to {@code graph}, whose inputs must have been named.
   *
   * @throws DL4JInvalidConfigException if the graph has no inputs yet
   */
  public static KernelDNA on(ComputationGraphConfiguration.GraphBuilder graph) {
    if (graph.getNetworkInputs().isEmpty()) {
      throw new DL4JInvalidConfigException(
          "Name the graph's inputs with addInputs before adding parents and children");
    }
    return new KernelDNA(graph);
  }

  /** The layer that holds the kernel of parent {@code name}. */
  public static String kernelOf(String name) {
    return name + "-kernel";
  }

  /** The layer that gates the input of child {@code name}. */
  public static String gateOf(String name) {
    return name + "-gate";
  }

  /**
   * Adds a parent: a plain convolution whose kernel others may use.
   *
   * @param conf its options; DL4J's {@link ConvolutionLayer} or {@link Convolution}
   * @throws DL4JInvalidConfigException if {@code conf} is a {@link KernelDNAConvolution} or {@link
   *     DepthwiseConvolution}
   */
  public KernelDNA parent(String name, ConvolutionLayer conf, String input) {
    if (conf instanceof KernelDNAConvolution || conf instanceof DepthwiseConvolution) {
      throw new DL4JInvalidConfigException(
          "Parent \""
              + name
              + "\" must be a plain Convolution, got a "
              + conf.getClass().getSimpleName());
    }
    parents.put(name, conf);
    inputs.put(name, input);
    graph.addLayer(kernelOf(name), ParentKernel.of(conf), graph.getNetworkInputs().get(0));
    addConvolution(name, conf, dropped(name, conf, input), kernelOf(name));
    return this;
  }

  /**
   * Adds a child: a convolution whose kernel derives from a parent's.
   *
   * @param parent the name of its parent
   * @param conf its options; kernel size and nOut as the parent's
   */
  public KernelDNA child(String name, String parent, KernelDNAConvolution conf, String input) {
    children.put(name, new Child(parent, conf));
    inputs.put(name, input);
    String kernel = kernelOf(parent);
    if (conf.hasModulation()) {
      graph.addLayer(kernelOf(name), ChildKernel.of(conf), kernel);
      kernel = kernelOf(name);
    }
    String activations;
    if (conf.hasGate()) {
      activations = gateOf(name);
      graph.addLayer(activations, SqueezeExcitation.of(conf), input);
    } else {
      activations = dropped(name, conf, input);
    }
    addConvolution(name, conf, activations, kernel);
    return this;
  }

  /**
   * Builds the graph's configuration, with the parents' nIn inferred from the input types.
   *
   * @throws DL4JInvalidConfigException if a child's parent is missing, or its kernel size, nOut or
   *     nIn differs from the parent's
   */
  public ComputationGraphConfiguration build() {
    children.forEach(this::validate);
    ComputationGraphConfiguration conf = graph.build();
    parents.forEach((name, parent) -> setNIn(conf, kernelOf(name), nIn(conf, name, parent)));
    children.forEach((name, child) -> inheritNIn(conf, name, child));
    parents.keySet().forEach(parent -> placeKernel(conf, parent));
    listOutputsLast(conf);
    return conf;
  }

  /**
   * Gives a kernel, which needs none but must have one, an input that comes before all its users.
   * The last such vertex is taken: so that a network cut anywhere before the users, as {@code
   * TransferLearningHelper} cuts it, has one input, and that freezing a user freezes nothing but
   * what comes before it.
   */
  private void placeKernel(ComputationGraphConfiguration conf, String parent) {
    List<String> users = new ArrayList<>(List.of(inputs.get(parent)));
    children.forEach(
        (name, child) -> {
          if (child.parent.equals(parent)) {
            users.add(inputs.get(name));
          }
        });
    CommonAncestor.last(conf, users)
        .ifPresent(input -> conf.getVertexInputs().put(kernelOf(parent), List.of(input)));
  }

  /** DL4J's {@code scoreExamples} runs a graph up to the vertex that is listed last. */
  private static void listOutputsLast(ComputationGraphConfiguration conf) {
    Map<String, GraphVertex> vertices = conf.getVertices();
    for (String output : conf.getNetworkOutputs()) {
      vertices.put(output, vertices.remove(output));
    }
  }

  /** The input, after dropout if the convolution has it. (A gate applies its own.) */
  private String dropped(String name, ConvolutionLayer conf, String input) {
    IDropout dropout =
        conf.getIDropout() == null
            ? graph.getGlobalConfiguration().getIdropOut()
            : conf.getIDropout();
    if (dropout == null) {
      return input;
    }
    String dropped = name + "-dropout";
    graph.addLayer(dropped, new DropoutLayer.Builder(dropout.clone()).build(), input);
    return dropped;
  }

  private void addConvolution(
      String name, ConvolutionLayer conf, String activations, String kernel) {
    IActivation activation =
        conf.getActivationFn() == null
            ? graph.getGlobalConfiguration().getActivationFn()
            : conf.getActivationFn();
    boolean activated = !(activation instanceof ActivationIdentity);
    String convolution = conf.hasBias() || activated ? name + "-conv" : name;
    ConvolutionLayer geometry = conf.clone();
    geometry.setLayerName(name);
    if (geometry.getConvolutionMode() == null) {
      geometry.setConvolutionMode(graph.getGlobalConfiguration().getConvolutionMode());
    }
    graph.addVertex(convolution, new SharedConvolution(geometry), activations, kernel);

    String last = convolution;
    if (conf.hasBias()) {
      last = activated ? name + "-bias" : name;
      graph.addLayer(last, ChannelBias.of(conf), convolution);
    }
    if (activated) {
      ActivationLayer function = Relu.orOther(activation);
      graph.addLayer(name, function, last);
      function.setIDropout(null); // The graph's is on the input of the convolution.
    }
  }

  private void validate(String name, Child child) {
    ConvolutionLayer parent = parents.get(child.parent);
    if (parent == null) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Child \"%s\" names parent \"%s\", which is not declared; declare it with"
                  + " KernelDNA.parent(...). Parents: %s",
              name, child.parent, parents.keySet()));
    }
    requireEqual(
        name,
        child.parent,
        "kernel size",
        Arrays.toString(child.conf.getKernelSize()),
        Arrays.toString(parent.getKernelSize()));
    requireEqual(name, child.parent, "nOut", child.conf.getNOut(), parent.getNOut());
  }

  private void inheritNIn(ComputationGraphConfiguration conf, String name, Child child) {
    long nIn = nIn(conf, child.parent, parents.get(child.parent));
    requireEqual(name, child.parent, "nIn", nIn(conf, name, child.conf), nIn);
    if (child.conf.hasModulation()) {
      setNIn(conf, kernelOf(name), nIn);
    }
  }

  private static void requireEqual(
      String child, String parent, String what, Object ofChild, Object ofParent) {
    if (!ofChild.equals(ofParent)) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Child \"%s\" has %s %s but its parent \"%s\" has %s: they share one kernel, so these"
                  + " must be equal",
              child, what, ofChild, parent, ofParent));
    }
  }

  private static long nIn(
      ComputationGraphConfiguration conf, String name, ConvolutionLayer declared) {
    var vertex = conf.getVertices().get(name);
    if (!(vertex instanceof SharedConvolution)) {
      vertex = conf.getVertices().get(name + "-conv");
    }
    long inferred = ((SharedConvolution) vertex).getGeometry().getNIn();
    return inferred > 0 ? inferred : declared.getNIn();
  }

  private static void setNIn(ComputationGraphConfiguration conf, String name, long nIn) {
    LayerVertex vertex = (LayerVertex) conf.getVertices().get(name);
    ((FeedForwardLayer) vertex.getLayerConf().getLayer()).setNIn(nIn);
  }
}
