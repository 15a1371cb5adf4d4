package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A convolution that lists its parameters, as a {@link ParametrizedLayer} does. */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public abstract class ParametrizedConvolution extends Convolution implements Parametrized {

  protected ParametrizedConvolution(BaseBuilder<?> builder) {
    super(builder);
  }

  /**
   * The parameters that every convolution has: {@code W} [nOut, channels, kH, kW], and {@code b}
   * [nOut] unless it has no bias.
   */
  List<Parameter> kernelAndBias(long channels) {
    Parameter kernel =
        new Parameter(KERNEL, Role.WEIGHT, nOut, channels, kernelSize[0], kernelSize[1]);
    return hasBias ? List.of(kernel, new Parameter(BIAS, Role.BIAS, nOut)) : List.of(kernel);
  }

  @Override
  public ParamInitializer initializer() {
    return ListedParamInitializer.getInstance();
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return isStatistic(name) ? new NoOp() : super.getUpdaterByParam(name);
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return regularizationOf(name, regularization, regularizationBias);
  }
}
