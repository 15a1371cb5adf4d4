package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.InputTypeUtil;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.layers.impl.SqueezeExcitationImpl;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The squeeze-and-excitation gate that routes a child's input (arXiv 2503.23379, dynamic routing):
 *
 * <pre>y = x * sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)</pre>
 *
 * Input and output [N, C, H, W] (or channels last), the mean over the positions; parameters as in
 * {@link Gate}, with hidden width C / ratio.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class SqueezeExcitation extends ChannelwiseLayer {

  private int ratio;
  private boolean frozenStatistics;

  private SqueezeExcitation(Builder builder) {
    super(builder);
    this.ratio = builder.ratio;
    this.frozenStatistics = builder.frozenStatistics;
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

  /** The gate. */
  public Gate routing() {
    return new Gate(layerName, getDataFormat(), nIn, ratio, frozenStatistics);
  }

  @Override
  public List<Parameter> parameters() {
    return routing().parameters();
  }

  /**
   * @throws DL4JInvalidConfigException if nOut is not known or not nIn, or if the gate would have
   *     no hidden unit
   */
  @Override
  protected void validate(int layerIndex) {
    super.validate(layerIndex);
    validateWidth(layerName, nIn, ratio);
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new SqueezeExcitationImpl(conf, dataType);
  }

  /**
   * Takes channels and layout from a CNN input.
   *
   * @throws DL4JInvalidConfigException if the input is no CNN's
   */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    if (!(inputType instanceof InputType.InputTypeConvolutional)) {
      throw new DL4JInvalidConfigException(
          "Layer \"" + layerName + "\": a gate needs CNN activations, got " + inputType);
    }
    super.setNIn(inputType, override);
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return InputTypeUtil.getPreProcessorForInputTypeCnnLayers(inputType, layerName);
  }

  /** Builds a {@link SqueezeExcitation}. */
  public static class Builder extends BaseBuilder<Builder> {

    private int ratio = 4;
    private boolean frozenStatistics = false;

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

    @Override
    @SuppressWarnings("unchecked")
    public SqueezeExcitation build() {
      return new SqueezeExcitation(this);
    }
  }
}
