package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.kerneldna.layers.impl.BatchNormImpl;
import org.kerneldna.layers.math.Rectifier;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Batch normalisation as PyTorch computes it. It differs from DL4J's in three things: the running
 * variance follows the unbiased variance of the batch, gamma and beta are regularised as the
 * network's weights and biases are, and the statistics can be frozen. A ReLU or ReLU6 that follows
 * can be part of it, which saves going through memory for it.
 *
 * <p>Input and output [N, C] or [N, C, H, W] (or channels last); parameters {@code gamma}, {@code
 * beta}, {@code mean}, {@code var}, each [C].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class BatchNorm extends ChannelwiseLayer {

  public static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
  public static final String BETA = BatchNormalizationParamInitializer.BETA;
  public static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;
  public static final String VARIANCE = BatchNormalizationParamInitializer.GLOBAL_VAR;

  private double decay;
  private double eps;
  private boolean frozenStatistics;

  /** RELU or RELU6 if it follows, else null. DL4J's own activation function is not looked at. */
  private Activation rectifier;

  private BatchNorm(Builder builder) {
    super(builder);
    this.decay = builder.decay;
    this.eps = builder.eps;
    this.frozenStatistics = builder.frozenStatistics;
    this.rectifier = builder.rectifier;
    initializeConstraints(builder);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter(GAMMA, Role.GAIN, nOut),
        new Parameter(BETA, Role.OFFSET, nOut),
        new Parameter(MEAN, Role.RUNNING_MEAN, nOut),
        new Parameter(VARIANCE, Role.RUNNING_VARIANCE, nOut));
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new BatchNormImpl(conf, dataType);
  }

  /** Builds a {@link BatchNorm}. */
  public static class Builder extends BaseBuilder<Builder> {

    private double decay = 0.9;
    private double eps = 1e-5;
    private boolean frozenStatistics = false;
    private Activation rectifier;

    /**
     * How much of the running statistics stays after a batch: 1 - PyTorch's momentum. Default: 0.9.
     */
    public Builder decay(double decay) {
      this.decay = decay;
      return this;
    }

    /** What is added to the variance. Default: 1e-5. */
    public Builder eps(double eps) {
      this.eps = eps;
      return this;
    }

    /** Whether training keeps the running statistics and normalises with them. Default: false. */
    public Builder frozenStatistics(boolean frozen) {
      this.frozenStatistics = frozen;
      return this;
    }

    /**
     * A function to apply to what was normalised, in the same passes over memory, instead of a
     * {@link Relu} that follows. Default: none.
     *
     * @param activation {@link Activation#RELU} or {@link Activation#RELU6}
     * @throws IllegalArgumentException if it is another
     */
    public Builder rectifier(Activation activation) {
      Rectifier.of(activation);
      this.rectifier = activation;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public BatchNorm build() {
      return new BatchNorm(this);
    }
  }
}
