package org.kerneldna.layers;

import java.util.List;
import lombok.Data;
import lombok.EqualsAndHashCode;
import lombok.NoArgsConstructor;
import lombok.ToString;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.impl.ChannelBiasImpl;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The bias of a convolution whose kernel is shared, added to each channel: {@code y = x + b}. Input
 * and output [N, C, H, W] (or channels last); parameter {@code b} [C].
 */
@Data
@NoArgsConstructor
@EqualsAndHashCode(callSuper = true)
@ToString(callSuper = true)
public class ChannelBias extends ChannelwiseLayer {

  static ChannelBias of(ConvolutionLayer conv) {
    ChannelBias bias = new ChannelBias();
    bias.setNIn(conv.getNOut());
    bias.setDataFormat(conv.getCnn2dDataFormat());
    Learning.copy(conv, bias);
    return bias;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter(Convolution.BIAS, Role.BIAS, nOut));
  }

  @Override
  protected Layer implementation(NeuralNetConfiguration conf, DataType dataType) {
    return new ChannelBiasImpl(conf, dataType);
  }

  /** None: a convolution's dropout is on its activations, where {@link KernelDNA} puts it. */
  @Override
  public IDropout getIDropout() {
    return null;
  }
}
