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
import org.deeplearning4j.nn.conf.layers.InputTypeUtil;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.SqueezeExcitationImpl;
import org.kerneldna.layers.params.GateParameters;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The squeeze-and-excitation gate that routes a child's input (arXiv 2503.23379, dynamic routing):
 *
 * <pre>y = x * sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)</pre>
 *
 * Input and output [N, C, H, W] (or channels last), the mean over the positions; parameters as in
 * {@link GateParameters}, with hidden width C / ratio.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class SqueezeExcitation extends FeedForwardLayer implements Parametrized {

  private int ratio;
  private boolean frozenStatistics;
  private CNN2DFormat dataFormat = CNN2DFormat.NCHW;

  private SqueezeExcitation(Builder builder) {
    super(builder);
    this.ratio = builder.ratio;
    this.frozenStatistics = builder.frozenStatistics;
    this.dataFormat = builder.dataFormat;
    this.nOut = nIn;
    initializeConstraints(builder);
  }

  static SqueezeExcitation of(KernelDNAConvolution child) {
    SqueezeExcitation gate =
        new Builder()
            .ratio(child.getGateRatio())
            .frozenStatistics(child.isFrozenStatistics())
            .dataFormat(child.getCnn2dDataFormat())
            .nIn(child.getNIn())
            .build();
    Learning.copy(child, gate);
    gate.setIDropout(child.getIDropout());
    return gate;
  }

  static void validateWidth(String layerName, long channels, int ratio) {
    if (channels / ratio < 1) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Gate of layer \"%s\": %d channels / ratio %d leave no hidden unit; use a ratio of at"
                  + " most %d",
              layerName, channels, ratio, channels));
    }
  }

  @Override
  public List<Parameter> parameters() {
    return GateParameters.of(nIn, nIn / ratio);
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
   * @throws DL4JInvalidConfigException if the gate would have no hidden unit
   */
  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    LayerValidation.assertNInNOutSet("SqueezeExcitation", layerName, layerIndex, nIn, nOut);
    Instantiation.requireSameChannels(this);
    validateWidth(layerName, nIn, ratio);
    return Instantiation.of(
        new SqueezeExcitationImpl(conf, networkDataType),
        listeners,
        layerIndex,
        paramsView,
        initializeParams);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return inputType;
  }

  /** Sets nOut too, since the channels stay. */
  @Override
  public void setNIn(long nIn) {
    this.nIn = nIn;
    this.nOut = nIn;
  }

  /** Takes channels and layout from a CNN input. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    if (!(inputType instanceof InputType.InputTypeConvolutional images)) {
      throw new DL4JInvalidConfigException(
          "Layer \"" + layerName + "\": a gate needs CNN activations, got " + inputType);
    }
    if (nIn <= 0 || override) {
      setNIn(images.getChannels());
    }
    dataFormat = images.getFormat();
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return InputTypeUtil.getPreProcessorForInputTypeCnnLayers(inputType, layerName);
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofActivations(this, inputType);
  }

  /** Builds a {@link SqueezeExcitation}. */
  public static class Builder extends FeedForwardLayer.Builder<Builder> {

    private int ratio = 4;
    private boolean frozenStatistics = false;
    private CNN2DFormat dataFormat = CNN2DFormat.NCHW;

    /** Channels per hidden unit: the hidden width is C / ratio (integer division). Default: 4. */
    public Builder ratio(int ratio) {
      this.ratio = ratio;
      return this;
    }

    /**
     * Whether the normalisation keeps its running statistics in training and normalises with them.
     * Default: false.
     */
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
    public SqueezeExcitation build() {
      return new SqueezeExcitation(this);
    }
  }
}
