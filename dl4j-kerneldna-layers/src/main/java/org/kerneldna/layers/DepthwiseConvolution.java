package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.kerneldna.layers.params.Parameter;

/**
 * A depthwise 2d convolution: each channel is convolved with a kernel of its own. Unlike DL4J's
 * {@link org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D} it keeps its kernel in PyTorch's
 * layout, has one output channel per input channel, and does not run forward again in its backward
 * pass.
 *
 * <p>Input [N, C, H, W], output [N, C, H', W'] (or channels last); kernel {@code W} [C, 1, kH, kW],
 * whose fan-in is kH * kW, and bias {@code b} [C]. Options and their defaults are DL4J's
 * convolution's, but nOut is nIn and need not be set.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class DepthwiseConvolution extends ParametrizedConvolution {

  private DepthwiseConvolution(Builder builder) {
    super(builder);
    if (nOut <= 0) {
      nOut = nIn;
    }
    initializeConstraints(builder);
  }

  @Override
  public List<Parameter> parameters() {
    return kernelAndBias(1);
  }

  /** Sets nOut too, unless it differed. */
  @Override
  public void setNIn(long nIn) {
    boolean follows = nOut <= 0 || nOut == this.nIn;
    this.nIn = nIn;
    if (follows) {
      nOut = nIn;
    }
  }

  /** Takes channels and layout from a CNN input. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    boolean follows = nOut <= 0 || nOut == nIn;
    super.setNIn(inputType, override);
    if (follows) {
      nOut = nIn;
    }
  }

  /**
   * @throws DL4JInvalidConfigException if nOut differs from nIn
   */
  @Override
  protected void validate(int layerIndex) {
    super.validate(layerIndex);
    if (nOut != nIn) {
      throw new DL4JInvalidConfigException(
          String.format(
              "DepthwiseConvolution \"%s\" has nIn=%d and nOut=%d: it has one output channel per"
                  + " input channel; leave nOut out",
              layerName, nIn, nOut));
    }
  }

  /** Builds a {@link DepthwiseConvolution}. */
  public static class Builder extends BaseBuilder<Builder> {

    /** A 5x5 kernel. */
    public Builder() {}

    /**
     * @param kernelSize height and width
     */
    public Builder(int... kernelSize) {
      super(kernelSize);
    }

    @Override
    @SuppressWarnings("unchecked")
    public DepthwiseConvolution build() {
      validate();
      return new DepthwiseConvolution(this);
    }
  }
}
