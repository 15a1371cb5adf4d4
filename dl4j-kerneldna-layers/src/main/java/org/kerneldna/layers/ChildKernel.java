package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.kerneldna.layers.impl.ChildKernelImpl;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.buffer.DataType;

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
public class ChildKernel extends KernelLayer {

  private boolean spatialModulation;
  private boolean filterModulation;

  private ChildKernel(KernelDNAConvolution child) {
    super(child);
    this.spatialModulation = child.isSpatialModulation();
    this.filterModulation = child.isFilterModulation();
  }

  static ChildKernel of(KernelDNAConvolution child) {
    ChildKernel kernel = new ChildKernel(child);
    Learning.copy(child, kernel);
    return kernel;
  }

  /** How the child's kernel derives from the parent's. */
  public StaticModulation derivation() {
    return new StaticModulation(spatialModulation, filterModulation, getKernelSize(), nOut);
  }

  @Override
  public List<Parameter> parameters() {
    return derivation().parameters();
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new ChildKernelImpl(conf, dataType);
  }

  /** Takes nIn from the parent's kernel. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    nIn = ((InputType.InputTypeConvolutional) inputType).getChannels();
  }
}
