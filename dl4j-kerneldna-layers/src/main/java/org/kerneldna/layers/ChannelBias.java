package org.kerneldna.layers;

import java.util.Collection;
import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.kerneldna.layers.impl.ChannelBiasImpl;
import org.kerneldna.layers.params.ListedParamInitializer;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.kerneldna.layers.params.Parametrized;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The bias of a convolution whose kernel is shared, added to each channel: {@code y = x + b}. Input
 * and output [N, C, H, W] (or channels last); parameter {@code b} [C].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class ChannelBias extends FeedForwardLayer implements Parametrized {

  private CNN2DFormat dataFormat;

  static ChannelBias of(ConvolutionLayer conv) {
    ChannelBias bias = new ChannelBias();
    bias.nIn = conv.getNOut();
    bias.nOut = conv.getNOut();
    bias.dataFormat = conv.getCnn2dDataFormat();
    Learning.copy(conv, bias);
    return bias;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter(KernelDNAConvolution.BIAS, Role.BIAS, nOut));
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
    Instantiation.requireSameChannels(this);
    return Instantiation.of(
        new ChannelBiasImpl(conf, networkDataType),
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

  /** Takes the layout from a CNN input. */
  @Override
  public void setNIn(InputType inputType, boolean override) {
    dataFormat = ((InputType.InputTypeConvolutional) inputType).getFormat();
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return Memory.ofActivations(this, inputType);
  }
}
