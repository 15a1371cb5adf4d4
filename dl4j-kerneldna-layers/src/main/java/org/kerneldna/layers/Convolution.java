package org.kerneldna.layers;

import java.util.Collection;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.Getter;
import lombok.NoArgsConstructor;
import lombok.Setter;
import lombok.ToString;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.ConvolutionUtils;
import org.deeplearning4j.util.ValidationUtils;
import org.kerneldna.layers.impl.ConvolutionImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A plain 2d convolution: DL4J's {@link ConvolutionLayer} in options, defaults, parameters and
 * arithmetic, with a backward pass that does not run forward again. It is what {@link KernelDNA}
 * takes as a parent.
 *
 * <p>Input [N, nIn, H, W], output [N, nOut, H', W'] (or channels last); kernel {@code W} [nOut,
 * nIn, kH, kW], bias {@code b} [nOut].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class Convolution extends ConvolutionLayer {

  public static final String KERNEL = ConvolutionParamInitializer.WEIGHT_KEY;
  public static final String BIAS = ConvolutionParamInitializer.BIAS_KEY;

  protected Convolution(BaseBuilder<?> builder) {
    super(builder);
    this.cnn2dDataFormat = builder.dataFormat;
  }

  /** The layer that runs this configuration, without its parameters yet. */
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new ConvolutionImpl(conf, dataType);
  }

  /**
   * Checks the configuration before a network is made of it.
   *
   * @throws DL4JInvalidConfigException if no layer can be made of it
   */
  protected void validate(int layerIndex) {
    LayerValidation.assertNInNOutSet(
        getClass().getSimpleName(), getLayerName(), layerIndex, nIn, nOut);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    validate(layerIndex);
    return Instantiation.of(
        implementation(conf, networkDataType), listeners, layerIndex, paramsView, initializeParams);
  }

  /**
   * @throws DL4JInvalidConfigException if the kernel is larger than the padded input, which DL4J
   *     lets pass where there is no padding
   */
  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    if (inputType instanceof InputTypeConvolutional images
        && convolutionMode != ConvolutionMode.Same
        && !(fits(0, images.getHeight()) && fits(1, images.getWidth()))) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Layer \"%s\": its kernel of %dx%d is larger than its padded input, which is %dx%d"
                  + " without padding; give larger images",
              layerName, kernelSize[0], kernelSize[1], images.getHeight(), images.getWidth()));
    }
    return super.getOutputType(layerIndex, inputType);
  }

  private boolean fits(int dim, long size) {
    return (kernelSize[dim] - 1) * dilation[dim] + 1 <= size + 2L * padding[dim];
  }

  /** Builds a {@link Convolution}. */
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
    public Convolution build() {
      validate();
      return new Convolution(this);
    }
  }

  /** The options of a convolution. */
  @Getter
  @Setter
  public abstract static class BaseBuilder<T extends BaseBuilder<T>> extends BaseConvBuilder<T> {

    /** The layout of input and output. Default: NCHW, or what the input type says. */
    protected CNN2DFormat dataFormat = CNN2DFormat.NCHW;

    protected BaseBuilder() {}

    protected BaseBuilder(int... kernelSize) {
      super(kernelSize);
    }

    /** The layout of input and output. Default: NCHW, or what the input type says. */
    @SuppressWarnings("unchecked")
    public T dataFormat(CNN2DFormat format) {
      this.dataFormat = format;
      return (T) this;
    }

    protected void validate() {
      ConvolutionUtils.validateConvolutionModePadding(convolutionMode, padding);
      ConvolutionUtils.validateCnnKernelStridePadding(kernelSize, stride, padding);
    }

    @Override
    protected boolean allowCausal() {
      return false;
    }

    @Override
    public void setKernelSize(int... kernelSize) {
      this.kernelSize = ValidationUtils.validate2NonNegative(kernelSize, false, "kernelSize");
    }

    @Override
    public void setStride(int... stride) {
      this.stride = ValidationUtils.validate2NonNegative(stride, false, "stride");
    }

    @Override
    public void setPadding(int... padding) {
      this.padding = ValidationUtils.validate2NonNegative(padding, false, "padding");
    }

    @Override
    public void setDilation(int... dilation) {
      this.dilation = ValidationUtils.validate2NonNegative(dilation, false, "dilation");
    }
  }
}
