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
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * A layer with a few parameters per channel, whose output has the shape of its input: [N, C] or [N,
 * C, H, W] (or channels last).
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public abstract class ChannelwiseLayer extends FeedForwardLayer implements Parametrized {

  private CNN2DFormat dataFormat;

  protected ChannelwiseLayer(BaseBuilder<?> builder) {
    super(builder);
    this.dataFormat = builder.dataFormat;
    this.nOut = nIn;
    initializeConstraints(builder);
  }

  /** The layer that runs this configuration, without its parameters yet. */
  protected abstract Layer implementation(NeuralNetConfiguration conf, DataType dataType);

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
    LayerValidation.assertNOutSet(getClass().getSimpleName(), layerName, layerIndex, nOut);
    Instantiation.requireSameChannels(this);
    return Instantiation.of(
        implementation(conf, networkDataType), listeners, layerIndex, paramsView, initializeParams);
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

  /**
   * Takes the channels from a CNN or feed-forward input, and the layout from a CNN one.
   *
   * @throws DL4JInvalidConfigException if the input is neither
   */
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
          String.format(
              "Layer \"%s\": %s needs CNN or FF activations, got %s",
              layerName, getClass().getSimpleName(), inputType));
    }
    if (nIn <= 0 || override) {
      setNIn(channels);
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

  /** The options of a {@link ChannelwiseLayer}. */
  public abstract static class BaseBuilder<T extends BaseBuilder<T>>
      extends FeedForwardLayer.Builder<T> {

    private CNN2DFormat dataFormat = CNN2DFormat.NCHW;

    /** The layout of input and output. Default: NCHW, or what the input type says. */
    @SuppressWarnings("unchecked")
    public T dataFormat(CNN2DFormat format) {
      this.dataFormat = format;
      return (T) this;
    }
  }
}
