package org.kerneldna.layers;

import java.util.ArrayList;
import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.Routing;
import org.kerneldna.layers.impl.DynamicConvolutionImpl;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * A convolution that routes its input and derives its kernel:
 *
 * <pre>y = act(conv(r(x), d(W, r(x))) + b)</pre>
 *
 * A member of the family says by which {@link Routing} r and which {@link KernelDerivation} d.
 * {@link KernelDNAConvolution} is one.
 *
 * <p>Input [N, nIn, H, W], output [N, nOut, H', W'] (or channels last). Parameters: {@code W}
 * [nOut, nIn, kH, kW], {@code b} [nOut], then the derivation's and the routing's.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public abstract class DynamicConvolution extends ParametrizedConvolution {

  /** Whether training leaves {@code W} and {@code b} as they are. Default: false. */
  private boolean frozenKernel;

  protected DynamicConvolution(BaseBuilder<?> builder) {
    super(builder);
  }

  /** How the input is routed. */
  public abstract Routing routing();

  /** How the kernel derives from {@code W}. */
  public abstract KernelDerivation derivation();

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(kernelAndBias(nIn));
    all.addAll(derivation().parameters());
    all.addAll(routing().parameters());
    return all;
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return isFrozen(name) ? new Sgd(0) : super.getUpdaterByParam(name);
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return isFrozen(name) ? null : super.getRegularizationByParam(name);
  }

  private boolean isFrozen(String name) {
    return frozenKernel && (name.equals(KERNEL) || name.equals(BIAS));
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new DynamicConvolutionImpl(conf, dataType);
  }
}
