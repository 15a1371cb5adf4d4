package org.kerneldna.layers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.ChildKernelImpl;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Derives a child's kernel from its parent's: {@code child = parent * (1 + s) * (1 + f)} (arXiv
 * 2503.23379, static modulation). Input and output are kernels [nOut, nIn, kH, kW]; parameters
 * {@code s} [1, 1, kH, kW] and {@code f} [nOut, 1, 1, 1], as the child has them.
 *
 * <p>{@link KernelDNA} puts it between a {@link ParentKernel} and a {@link SharedConvolution}.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class ChildKernel extends FeedForwardLayer implements Parametrized {

  private int[] kernelSize;
  private boolean spatialModulation;
  private boolean filterModulation;

  static ChildKernel of(KernelDNAConvolution child) {
    ChildKernel kernel = new ChildKernel();
    kernel.kernelSize = child.getKernelSize().clone();
    kernel.nIn = child.getNIn();
    kernel.nOut = child.getNOut();
    kernel.spatialModulation = child.isSpatialModulation();
    kernel.filterModulation = child.isFilterModulation();
    Learning.copy(child, kernel);
    return kernel;
  }

  /** The parameters by which {@code conv} modulates a kernel. */
  static List<Parameter> modulation(KernelDNAConvolution conv) {
    return modulation(
        conv.isSpatialModulation(),
        conv.isFilterModulation(),
        conv.getKernelSize(),
        conv.getNOut());
  }

  private static List<Parameter> modulation(
      boolean spatial, boolean filter, int[] kernelSize, long nOut) {
    List<Parameter> all = new ArrayList<>();
    if (spatial) {
      all.add(
          new Parameter(
              KernelDNAConvolution.SPATIAL, Role.MODULATION, 1, 1, kernelSize[0], kernelSize[1]));
    }
    if (filter) {
      all.add(new Parameter(KernelDNAConvolution.FILTER, Role.MODULATION, nOut, 1, 1, 1));
    }
    return all;
  }

  @Override
  public List<Parameter> parameters() {
    return modulation(spatialModulation, filterModulation, kernelSize, nOut);
  }

  @Override
  public ParamInitializer initializer() {
    return ListedParamInitializer.getInstance();
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return updaterOf(name, iUpdater, biasUpdater);
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return regularizationOf(name, regularization, regularizationBias);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    return Instantiation.of(
        new ChildKernelImpl(conf, networkDataType),
        listeners,
        layerIndex,
        paramsView,
        initializeParams);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  /** Takes nIn from the parent's kernel. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    nIn = ((InputType.InputTypeConvolutional) inputType).getChannels();
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofKernel(this, inputType);
  }
}
