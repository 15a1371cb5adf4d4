package org.kerneldna.layers;

import lombok.AccessLevel;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.Getter;
import lombok.NoArgsConstructor;
import lombok.Setter;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.layers.impl.SharedConvolutionImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution that gets its kernel from another vertex: inputs are the activations [N, nIn, H, W]
 * (or channels last) and the kernel [nOut, nIn, kH, kW]; output [N, nOut, H', W']. It has no
 * parameters of its own. {@link KernelDNA} wires it to a {@link ParentKernel} or a {@link
 * ChildKernel}.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = false)
public class SharedConvolution extends GraphVertex {

  /** Kernel size, stride, padding, dilation, convolution mode, layout, nIn and nOut. */
  private ConvolutionLayer geometry;

  @Getter(AccessLevel.NONE)
  @Setter(AccessLevel.NONE)
  private transient boolean instantiated;

  SharedConvolution(ConvolutionLayer geometry) {
    this.geometry = geometry;
  }

  @Override
  public GraphVertex clone() {
    return new SharedConvolution(geometry.clone());
  }

  @Override
  public long numParams(boolean backprop) {
    return 0;
  }

  @Override
  public int minVertexInputs() {
    return 2;
  }

  @Override
  public int maxVertexInputs() {
    return 2;
  }

  /**
   * @throws DL4JInvalidConfigException if activations or kernel are missing, if the kernel is an
   *     input of the network, or if its nIn differs from the channels of the layer before
   */
  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    new KernelUse(graph.getConfiguration(), name).validate();
    instantiated = true;
    return new SharedConvolutionImpl(graph, name, index, geometry, networkDataType);
  }

  /**
   * Infers nIn and the layout from the activations, and the output's type. Of a running network,
   * whose summary asks too, nothing changes.
   */
  @Override
  public InputType getOutputType(int layerIndex, InputType... inputs) {
    ConvolutionLayer inferred = instantiated ? geometry.clone() : geometry;
    inferred.setNIn(inputs[0], true);
    return inferred.getOutputType(layerIndex, inputs[0]);
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputs) {
    InputType output = geometry.getOutputType(-1, inputs[0]);
    return new LayerMemoryReport.Builder(
            geometry.getLayerName(), SharedConvolution.class, inputs[0], output)
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }
}
