package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.impl.ChannelLayerNormImpl;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Layer normalisation (arXiv 1607.06450) over the channels of each position by itself, as ConvNeXt
 * (arXiv 2201.03545) has it:
 *
 * <pre>y = gamma * (x - mean) / sqrt(variance + eps) + beta</pre>
 *
 * with mean and biased variance over the channels.
 *
 * <p>Input and output [N, C] or [N, C, H, W] (or channels last); parameters {@code gamma} [C],
 * which starts at 1, and {@code beta} [C], which starts at 0.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class ChannelLayerNorm extends ChannelwiseLayer {

  public static final String GAMMA = "gamma";
  public static final String BETA = "beta";

  private double eps;

  private ChannelLayerNorm(Builder builder) {
    super(builder);
    this.eps = builder.eps;
    initializeConstraints(builder);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter(GAMMA, Role.GAIN, nOut), new Parameter(BETA, Role.OFFSET, nOut));
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new ChannelLayerNormImpl(conf, dataType);
  }

  /** Builds a {@link ChannelLayerNorm}. */
  public static class Builder extends BaseBuilder<Builder> {

    private double eps = 1e-6;

    /** What is added to the variance. Default: 1e-6. */
    public Builder eps(double eps) {
      this.eps = eps;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public ChannelLayerNorm build() {
      return new ChannelLayerNorm(this);
    }
  }
}
