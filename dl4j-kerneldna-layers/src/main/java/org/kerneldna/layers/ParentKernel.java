package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.impl.ParentKernelImpl;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.api.buffer.DataType;

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
public class ParentKernel extends KernelLayer {

  private ParentKernel(ConvolutionLayer parent) {
    super(parent);
  }

  static ParentKernel of(ConvolutionLayer parent) {
    ParentKernel kernel = new ParentKernel(parent);
    Learning.copy(parent, kernel);
    return kernel;
  }

  @Override
  public List<Parameter> parameters() {
    int[] size = getKernelSize();
    return List.of(new Parameter(Convolution.KERNEL, Role.WEIGHT, nOut, nIn, size[0], size[1]));
  }

  @Override
  protected void validate(int layerIndex) {
    if (nIn <= 0 || nOut <= 0) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Parent kernel \"%s\" has nIn=%d and nOut=%d: finish the configuration with"
                  + " KernelDNA.build(), which infers nIn, or set both",
              layerName, nIn, nOut));
    }
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new ParentKernelImpl(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.convolutional(getKernelSize()[0], getKernelSize()[1], nIn);
  }

  /** Does nothing: the input says nothing about the kernel. */
  @Override
  public void setNIn(InputType inputType, boolean override) {}
}
