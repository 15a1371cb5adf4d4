package org.kerneldna.layers;

import java.util.Collection;
import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.ParentKernelImpl;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Holds the one dense kernel that a parent and its children share: its output is its parameter
 * {@code W} [nOut, nIn, kH, kW], whatever its input. So the graph's own backward pass adds up the
 * kernel's gradient over all users, and to savers, updaters and averagers it is one parameter.
 *
 * <p>DL4J gives every vertex an input; this one's is whatever comes before all users of the kernel.
 * {@link KernelDNA} wires it.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class ParentKernel extends FeedForwardLayer implements Parametrized {

  private int[] kernelSize;

  static ParentKernel of(ConvolutionLayer parent) {
    ParentKernel kernel = new ParentKernel();
    kernel.kernelSize = parent.getKernelSize().clone();
    kernel.nIn = parent.getNIn();
    kernel.nOut = parent.getNOut();
    Learning.copy(parent, kernel);
    return kernel;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter(
            KernelDNAConvolution.KERNEL, Role.WEIGHT, nOut, nIn, kernelSize[0], kernelSize[1]));
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

  /**
   * @throws DL4JInvalidConfigException if nIn or nOut is not known
   */
  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    if (nIn <= 0 || nOut <= 0) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Parent kernel \"%s\" has nIn=%d and nOut=%d: finish the configuration with"
                  + " KernelDNA.build(), which infers nIn, or set both",
              layerName, nIn, nOut));
    }
    return Instantiation.of(
        new ParentKernelImpl(conf, networkDataType),
        listeners,
        layerIndex,
        paramsView,
        initializeParams);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.convolutional(kernelSize[0], kernelSize[1], nIn);
  }

  /** Does nothing: the input says nothing about the kernel. */
  @Override
  public void setNIn(InputType inputType, boolean override) {}

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofKernel(this, inputType);
  }
}
