package org.kerneldna.layers.samediff;

import java.util.Collection;
import java.util.Map;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.impl.SameDiffKernelDNAConvolutionImpl;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * A {@link KernelDNAConvolution} as DL4J's SameDiff extension point has layers: the same parameters
 * under the same names, the same output.
 *
 * <p>That extension point does not tell a layer whether it is training, so the gate's normalisation
 * uses its running statistics throughout and leaves them as they are. It is slower than {@link
 * KernelDNAConvolution}; use it where a layer's SameDiff graph is wanted.
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
public class SameDiffKernelDNAConvolution extends SameDiffLayer {

  private KernelDNAConvolution convolution;

  private SameDiffKernelDNAConvolution(Builder builder) {
    super(builder);
    this.convolution = builder.convolution;
  }

  /**
   * @throws DL4JInvalidConfigException if the convolution has an option that DL4J's extension point
   *     does not let it have
   */
  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    if (convolution.getWeightNoise() != null
        || convolution.getIDropout() != null
        || convolution.isFrozenKernel()) {
      throw new DL4JInvalidConfigException(
          String.format(
              "Layer \"%s\": the convolution of a SameDiff layer has no weight noise, dropout or"
                  + " frozen kernel; give dropout to the layer's own builder, or use"
                  + " KernelDNAConvolution",
              layerName));
    }
    Layer layer = new SameDiffKernelDNAConvolutionImpl(conf, networkDataType);
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(paramsView);
    layer.setParamTable(initializer().init(conf, paramsView, initializeParams));
    return layer;
  }

  @Override
  public SDVariable defineLayer(
      SameDiff sd, SDVariable input, Map<String, SDVariable> params, SDVariable mask) {
    return KernelDNADefinition.define(sd, convolution, input, params, false);
  }

  @Override
  public void defineParameters(SDLayerParams params) {
    for (Parameter p : convolution.parameters()) {
      if (ListedParamInitializer.getInstance().isBiasParam(convolution, p.key())) {
        params.addBiasParam(p.key(), p.shape());
      } else {
        params.addWeightParam(p.key(), p.shape());
      }
    }
  }

  @Override
  public void initializeParameters(Map<String, INDArray> params) {
    convolution
        .parameters()
        .forEach(p -> ListedParamInitializer.initialize(p, convolution, params.get(p.key())));
  }

  @Override
  public void applyGlobalConfigToLayer(NeuralNetConfiguration.Builder global) {
    if (convolution.getWeightInitFn() == null) {
      convolution.setWeightInitFn(global.getWeightInitFn());
    }
    if (convolution.getActivationFn() == null) {
      convolution.setActivationFn(global.getActivationFn());
    }
    if (convolution.getConvolutionMode() == null) {
      convolution.setConvolutionMode(global.getConvolutionMode());
    }
    if (Double.isNaN(convolution.getBiasInit())) {
      convolution.setBiasInit(global.getBiasInit());
    }
  }

  /** The statistics' updater leaves them as they are. */
  @Override
  public IUpdater getUpdaterByParam(String name) {
    return convolution.isStatistic(name) ? new Sgd(0) : super.getUpdaterByParam(name);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return convolution.getOutputType(layerIndex, inputType);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    convolution.setNIn(inputType, override);
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return convolution.getPreProcessorForInputType(inputType);
  }

  /** Builds a {@link SameDiffKernelDNAConvolution}. */
  public static class Builder extends SameDiffLayer.Builder<Builder> {

    private final KernelDNAConvolution convolution;

    /**
     * @param convolution what to define; updater, regularisation and dropout are this builder's
     */
    public Builder(KernelDNAConvolution convolution) {
      this.convolution = convolution;
    }

    @Override
    @SuppressWarnings("unchecked")
    public SameDiffKernelDNAConvolution build() {
      return new SameDiffKernelDNAConvolution(this);
    }
  }
}
