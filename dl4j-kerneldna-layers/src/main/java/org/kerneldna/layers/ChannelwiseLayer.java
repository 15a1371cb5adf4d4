package org.kerneldna.layers;

import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;

/**
 * A layer with a few parameters per channel, whose output has the shape of its input: [N, C] or [N,
 * C, H, W] (or channels last).
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public abstract class ChannelwiseLayer extends ParametrizedLayer {

  private CNN2DFormat dataFormat = CNN2DFormat.NCHW;

  protected ChannelwiseLayer(BaseBuilder<?> builder) {
    super(builder);
    this.dataFormat = builder.dataFormat;
    this.nOut = nIn;
  }

  /**
   * @throws DL4JInvalidConfigException if nOut is not known or not nIn
   */
  @Override
  protected void validate(int layerIndex) {
    String kind = getClass().getSimpleName();
    LayerValidation.assertNOutSet(kind, layerName, layerIndex, nOut);
    if (nIn != nOut) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Layer \"%s\" (%s) keeps its channels but has nIn=%d and nOut=%d; change nOut of the"
                  + " layer before it instead",
              layerName, kind, nIn, nOut));
    }
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
