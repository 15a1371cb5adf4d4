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
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.BatchNormImpl;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Batch normalisation as PyTorch computes it. It differs from DL4J's in three things: the running
 * variance follows the unbiased variance of the batch, gamma and beta are regularised as the
 * network's weights and biases are, and the statistics can be frozen.
 *
 * <p>Input and output [N, C] or [N, C, H, W] (or channels last); parameters {@code gamma}, {@code
 * beta}, {@code mean}, {@code var}, each [C].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class BatchNorm extends FeedForwardLayer implements Parametrized {

  public static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
  public static final String BETA = BatchNormalizationParamInitializer.BETA;
  public static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;
  public static final String VARIANCE = BatchNormalizationParamInitializer.GLOBAL_VAR;

  private double decay;
  private double eps;
  private boolean frozenStatistics;
  private CNN2DFormat dataFormat;

  private BatchNorm(Builder builder) {
    super(builder);
    this.decay = builder.decay;
    this.eps = builder.eps;
    this.frozenStatistics = builder.frozenStatistics;
    this.dataFormat = builder.dataFormat;
    this.nOut = nIn;
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
    LayerValidation.assertNOutSet("BatchNorm", layerName, layerIndex, nOut);
    return Instantiation.of(
        new BatchNormImpl(conf, networkDataType),
        listeners,
        layerIndex,
        paramsView,
        initializeParams);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  /** Takes the channels from a CNN or feed-forward input, and the layout from a CNN one. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    long channels;
    if (inputType instanceof InputType.InputTypeConvolutional images) {
      channels = images.getChannels();
      dataFormat = images.getFormat();
    } else if (inputType instanceof InputType.InputTypeFeedForward vectors) {
      channels = vectors.getSize();
    } else {
      throw new DL4JInvalidConfigException(
          "Layer \"" + layerName + "\": BatchNorm needs CNN or FF activations, got " + inputType);
    }
    if (nIn <= 0 || override) {
      nIn = channels;
      nOut = channels;
    }
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofActivations(this, inputType);
  }

  /** Builds a {@link BatchNorm}. */
  public static class Builder extends FeedForwardLayer.Builder<Builder> {

    private double decay = 0.9;
    private double eps = 1e-5;
    private boolean frozenStatistics = false;
    private CNN2DFormat dataFormat = CNN2DFormat.NCHW;

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

    /** The layout of input and output. Default: NCHW, or what the input type says. */
    public Builder dataFormat(CNN2DFormat format) {
      this.dataFormat = format;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public BatchNorm build() {
      return new BatchNorm(this);
    }
  }
}
