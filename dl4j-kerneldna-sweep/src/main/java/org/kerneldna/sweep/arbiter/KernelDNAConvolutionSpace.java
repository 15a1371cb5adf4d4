package org.kerneldna.sweep.arbiter;

import lombok.AccessLevel;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import org.deeplearning4j.arbiter.layers.BaseConvolutionLayerSpace;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.FixedValue;
import org.deeplearning4j.arbiter.util.LeafUtils;
import org.kerneldna.layers.KernelDNAConvolution;

/**
 * A space of {@link KernelDNAConvolution}s: Arbiter's convolution space, and which modulations and
 * gate there are. What is left out is {@link KernelDNAConvolution}'s default.
 *
 * <pre>{@code
 * new ComputationGraphSpace.Builder()
 *     .addLayer(
 *         "conv",
 *         new KernelDNAConvolutionSpace.Builder()
 *             .kernelSize(3, 3)
 *             .nOut(new IntegerParameterSpace(16, 64))
 *             .gate(new DiscreteParameterSpace<>(0, 2, 4, 8))
 *             .build(),
 *         "in")
 * }</pre>
 */
@Data
@EqualsAndHashCode(callSuper = true)
@NoArgsConstructor(access = AccessLevel.PRIVATE)
public final class KernelDNAConvolutionSpace
    extends BaseConvolutionLayerSpace<KernelDNAConvolution> {

  private ParameterSpace<Boolean> spatialModulation;
  private ParameterSpace<Boolean> filterModulation;
  private ParameterSpace<Integer> gateRatio;

  private KernelDNAConvolutionSpace(Builder builder) {
    super(builder);
    spatialModulation = builder.spatialModulation;
    filterModulation = builder.filterModulation;
    gateRatio = builder.gateRatio;
    numParameters = LeafUtils.countUniqueParameters(collectLeaves());
  }

  @Override
  public KernelDNAConvolution getValue(double[] values) {
    KernelDNAConvolution.Builder builder = new KernelDNAConvolution.Builder();
    setLayerOptionsBuilder(builder, values);
    if (spatialModulation != null) {
      builder.spatialModulation(spatialModulation.getValue(values));
    }
    if (filterModulation != null) {
      builder.filterModulation(filterModulation.getValue(values));
    }
    if (gateRatio != null) {
      int ratio = gateRatio.getValue(values);
      builder = ratio == 0 ? builder.noGate() : builder.gate(ratio);
    }
    return builder.build();
  }

  /** Builds a {@link KernelDNAConvolutionSpace}. */
  public static final class Builder extends BaseConvolutionLayerSpace.Builder<Builder> {

    private ParameterSpace<Boolean> spatialModulation;
    private ParameterSpace<Boolean> filterModulation;
    private ParameterSpace<Integer> gateRatio;

    /** Whether one number per kernel position modulates the kernel. */
    public Builder spatialModulation(boolean on) {
      return spatialModulation(new FixedValue<>(on));
    }

    /** Whether one number per kernel position modulates the kernel. */
    public Builder spatialModulation(ParameterSpace<Boolean> on) {
      spatialModulation = on;
      return this;
    }

    /** Whether one number per filter modulates the kernel. */
    public Builder filterModulation(boolean on) {
      return filterModulation(new FixedValue<>(on));
    }

    /** Whether one number per filter modulates the kernel. */
    public Builder filterModulation(ParameterSpace<Boolean> on) {
      filterModulation = on;
      return this;
    }

    /** Channels per hidden unit of the gate; 0 for no gate. */
    public Builder gate(int ratio) {
      return gate(new FixedValue<>(ratio));
    }

    /** Channels per hidden unit of the gate; 0 for no gate. */
    public Builder gate(ParameterSpace<Integer> ratio) {
      gateRatio = ratio;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public KernelDNAConvolutionSpace build() {
      return new KernelDNAConvolutionSpace(this);
    }
  }
}
