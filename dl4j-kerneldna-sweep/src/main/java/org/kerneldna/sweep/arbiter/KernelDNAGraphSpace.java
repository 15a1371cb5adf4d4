package org.kerneldna.sweep.arbiter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lombok.AccessLevel;
import lombok.AllArgsConstructor;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.arbiter.ComputationGraphSpace;
import org.deeplearning4j.arbiter.GraphConfiguration;
import org.deeplearning4j.arbiter.layers.LayerSpace;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.api.TaskCreatorProvider;
import org.deeplearning4j.arbiter.optimize.serde.jackson.JsonMapper;
import org.deeplearning4j.arbiter.optimize.serde.jackson.YamlMapper;
import org.deeplearning4j.arbiter.task.ComputationGraphTaskCreator;
import org.deeplearning4j.arbiter.util.LeafUtils;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.KernelDNAConvolution;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * Arbiter's space of graphs, with parents and children that share kernels. Every candidate is wired
 * by {@link KernelDNA}, so that also what decides about the wiring can vary: gates, modulations,
 * biases, kernel sizes, widths.
 *
 * <pre>{@code
 * KernelDNAGraphSpace space =
 *     KernelDNAGraphSpace.on(graph)
 *         .child("conv1", "conv2", new KernelDNAConvolutionSpace.Builder()...build(), "in")
 *         .parent("conv2", new ConvolutionLayerSpace.Builder().kernelSize(3, 3)...build(), "relu1")
 *         .build();
 * }</pre>
 *
 * <p>It is searched, run and saved as a {@link ComputationGraphSpace} is.
 */
@Data
@EqualsAndHashCode(callSuper = true)
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
public final class KernelDNAGraphSpace extends ComputationGraphSpace {

  static {
    TaskCreatorProvider.registerDefaultTaskCreatorClass(
        KernelDNAGraphSpace.class, ComputationGraphTaskCreator.class);
  }

  @JsonProperty private List<ParentSpace> parents = new ArrayList<>();
  @JsonProperty private List<ChildSpace> children = new ArrayList<>();

  @Data
  @AllArgsConstructor
  @NoArgsConstructor(access = AccessLevel.PRIVATE)
  private static final class ParentSpace {
    private String name;
    private LayerSpace<? extends ConvolutionLayer> convolution;
    private String input;
  }

  @Data
  @AllArgsConstructor
  @NoArgsConstructor(access = AccessLevel.PRIVATE)
  private static final class ChildSpace {
    private String name;
    private String parent;
    private LayerSpace<KernelDNAConvolution> convolution;
    private String input;
  }

  /** For Jackson. */
  private KernelDNAGraphSpace() {
    super(new ComputationGraphSpace.Builder());
  }

  private KernelDNAGraphSpace(Builder builder) {
    super(builder.graph);
    parents = builder.parents;
    children = builder.children;
    numParameters = LeafUtils.countUniqueParameters(collectLeaves());
  }

  /** Adds to {@code graph}, whose inputs and input types must be set. */
  public static Builder on(ComputationGraphSpace.Builder graph) {
    return new Builder(graph);
  }

  @Override
  public GraphConfiguration getValue(double[] values) {
    GraphBuilder graph =
        randomGlobalConf(values).graphBuilder().addInputs(networkInputs).setOutputs(networkOutputs);
    if (inputTypes != null) {
      graph.setInputTypes(inputTypes.getValue(values));
    }
    KernelDNA sharing = KernelDNA.on(graph);
    for (LayerConf layer : layerSpaces) {
      graph.addLayer(
          layer.getLayerName(),
          layer.getLayerSpace().getValue(values),
          layer.getPreProcessor(),
          layer.getInputs());
    }
    for (VertexConf vertex : vertices) {
      graph.addVertex(vertex.getVertexName(), vertex.getGraphVertex().clone(), vertex.getInputs());
    }
    Map<String, ConvolutionLayer> kernels = new HashMap<>();
    for (ParentSpace parent : parents) {
      ConvolutionLayer convolution = parent.convolution.getValue(values);
      kernels.put(parent.name, convolution);
      sharing.parent(parent.name, convolution, parent.input);
    }
    for (ChildSpace child : children) {
      KernelDNAConvolution convolution = child.convolution.getValue(values);
      inheritShape(convolution, kernels.get(child.parent));
      sharing.child(child.name, child.parent, convolution, child.input);
    }
    return configuration(graph, sharing, values);
  }

  /** Of a parent that is not there, {@link KernelDNA#build} tells. */
  private static void inheritShape(KernelDNAConvolution child, ConvolutionLayer parent) {
    if (parent != null) {
      child.setNOut(parent.getNOut());
      child.setKernelSize(parent.getKernelSize().clone());
      boolean pointwise = parent.getKernelSize()[0] * parent.getKernelSize()[1] == 1;
      child.setSpatialModulation(child.isSpatialModulation() && !pointwise);
    }
  }

  private GraphConfiguration configuration(GraphBuilder graph, KernelDNA sharing, double[] values) {
    if (backpropType != null) {
      graph.backpropType(backpropType.getValue(values));
    }
    if (tbpttFwdLength != null) {
      graph.tBPTTForwardLength(tbpttFwdLength.getValue(values));
    }
    if (tbpttBwdLength != null) {
      graph.tBPTTBackwardLength(tbpttBwdLength.getValue(values));
    }
    graph.validateOutputLayerConfig(validateOutputLayerConfig);
    ComputationGraphConfiguration built = sharing.build();
    if (trainingWorkspaceMode != null) {
      built.setTrainingWorkspaceMode(trainingWorkspaceMode);
    }
    if (inferenceWorkspaceMode != null) {
      built.setInferenceWorkspaceMode(inferenceWorkspaceMode);
    }
    return new GraphConfiguration(built, earlyStoppingConfiguration, numEpochs);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public List<ParameterSpace> collectLeaves() {
    List<ParameterSpace> leaves = super.collectLeaves();
    // Arbiter's constructor asks before there are any.
    if (parents != null) {
      parents.forEach(parent -> leaves.addAll(parent.convolution.collectLeaves()));
      children.forEach(child -> leaves.addAll(child.convolution.collectLeaves()));
    }
    return leaves;
  }

  /** This space as JSON. */
  public String toJson() {
    try {
      return JsonMapper.getMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** This space as YAML. */
  public String toYaml() {
    try {
      return YamlMapper.getMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote. Arbiter constructs whatever class the text names: give none
   * that you do not trust.
   *
   * @throws IllegalArgumentException if the text is no such space
   */
  public static KernelDNAGraphSpace fromJson(String json) {
    try {
      return JsonMapper.getMapper().readValue(json, KernelDNAGraphSpace.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Reads what {@link #toYaml} wrote. Arbiter constructs whatever class the text names: give none
   * that you do not trust.
   *
   * @throws IllegalArgumentException if the text is no such space
   */
  public static KernelDNAGraphSpace fromYaml(String yaml) {
    try {
      return YamlMapper.getMapper().readValue(yaml, KernelDNAGraphSpace.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Adds parents and children to an Arbiter graph. */
  @RequiredArgsConstructor(access = AccessLevel.PRIVATE)
  public static final class Builder {

    private final ComputationGraphSpace.Builder graph;
    private final List<ParentSpace> parents = new ArrayList<>();
    private final List<ChildSpace> children = new ArrayList<>();

    /** Adds a parent: a plain convolution whose kernel others may use. */
    public Builder parent(
        String name, LayerSpace<? extends ConvolutionLayer> convolution, String input) {
      parents.add(new ParentSpace(name, convolution, input));
      return this;
    }

    /**
     * Adds a child: a convolution whose kernel derives from a parent's, and has its size and nOut
     * whatever the child's space says.
     *
     * @param parent the name of its parent
     */
    public Builder child(
        String name, String parent, LayerSpace<KernelDNAConvolution> convolution, String input) {
      children.add(new ChildSpace(name, parent, convolution, input));
      return this;
    }

    /** The space. */
    public KernelDNAGraphSpace build() {
      return new KernelDNAGraphSpace(this);
    }
  }
}
