package org.kerneldna.layers;

import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;

/** A layer whose output is a kernel [nOut, nIn, kH, kW], for {@link SharedConvolution}s to use. */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public abstract class KernelLayer extends ParametrizedLayer {

  private int[] kernelSize;

  /** With the sizes of the kernel of {@code conv}. */
  KernelLayer(ConvolutionLayer conv) {
    this.kernelSize = conv.getKernelSize().clone();
    this.nIn = conv.getNIn();
    this.nOut = conv.getNOut();
  }

  /** None: a convolution's dropout is on its activations, where {@link KernelDNA} puts it. */
  @Override
  public IDropout getIDropout() {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofKernel(this, inputType);
  }
}
