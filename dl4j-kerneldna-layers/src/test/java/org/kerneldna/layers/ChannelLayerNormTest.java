package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.HEIGHT;
import static org.kerneldna.layers.Nets.WIDTH;
import static org.kerneldna.layers.Nets.assertClose;

import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ChannelLayerNormTest {

  @Test
  void normalisesEachPositionByItself() {
    ComputationGraph net =
        Nets.randomized(
            Nets.alone(
                    new ChannelLayerNorm.Builder().eps(0.1).build(),
                    Nets.options(DataType.FLOAT),
                    CNN2DFormat.NCHW)
                .build());
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 2).muli(3).addi(5);
    assertClose(
        net.outputSingle(x),
        byHand(x, net.getParam("layer_gamma"), net.getParam("layer_beta"), 0.1),
        1e-6);
  }

  @Test
  void startsAsNormalisationAlone() {
    ComputationGraph net =
        Nets.init(Nets.alone(layer(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
    assertThat(net.getParam("layer_gamma").toFloatVector()).containsOnly(1);
    assertThat(net.getParam("layer_beta").toFloatVector()).containsOnly(0);
    assertThat(layer().getEps()).isEqualTo(1e-6);
  }

  @Test
  void vectorsAndImagesOfOnePositionAreTheSame() {
    ComputationGraph net =
        Nets.randomized(
            Nets.options(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(CHANNELS))
                .addLayer("layer", layer(), "in")
                .setOutputs("layer")
                .build());
    INDArray x = Nets.randn(DataType.FLOAT, 1, 3, CHANNELS);
    INDArray expected =
        byHand(
            x.reshape(3, CHANNELS, 1, 1),
            net.getParam("layer_gamma"),
            net.getParam("layer_beta"),
            1e-6);
    assertClose(net.outputSingle(x), expected.reshape(3, CHANNELS), 1e-6);
  }

  @Test
  void constantChannelsGiveBetaAndNotNaN() {
    ComputationGraph net =
        Nets.init(Nets.alone(layer(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 2).assign(2);
    assertThat(net.outputSingle(x).dup().data().asFloat()).containsOnly(0);
    assertThat(LayerCheck.backprop(net, x, x).getSecond().isNaN().any()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void sameInBothLayouts(DataType type) {
    LayerCheck.sameInBothLayouts(layer(), type);
  }

  @Test
  void takesChannelsAndLayoutFromTheInputType() {
    ChannelLayerNorm layer = layer();
    InputType images = InputType.convolutional(HEIGHT, WIDTH, 7, CNN2DFormat.NHWC);
    layer.setNIn(images, false);
    assertThat(layer.getNIn()).isEqualTo(7);
    assertThat(layer.getNOut()).isEqualTo(7);
    assertThat(layer.getDataFormat()).isEqualTo(CNN2DFormat.NHWC);
    assertThat(layer.getOutputType(0, images)).isEqualTo(images);
    assertThatThrownBy(() -> layer().setNIn(InputType.recurrent(3), false))
        .isInstanceOf(DL4JInvalidConfigException.class)
        .hasMessageContaining("ChannelLayerNorm needs CNN or FF activations");
  }

  @Test
  void refusesAnotherNumberOfChannels() {
    ComputationGraph net =
        Nets.init(Nets.alone(layer(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
    assertThatThrownBy(() -> net.output(Nets.randn(DataType.FLOAT, 1, 2, 6, 5, 5)))
        .isInstanceOf(DL4JInvalidInputException.class)
        .hasMessageContaining("4 channels in layout NCHW");
  }

  private static ChannelLayerNorm layer() {
    return new ChannelLayerNorm.Builder().build();
  }

  private static INDArray byHand(INDArray x, INDArray gamma, INDArray beta, double eps) {
    INDArray y = x.ulike();
    long channels = x.size(1);
    for (long n = 0; n < x.size(0); n++) {
      for (long h = 0; h < x.size(2); h++) {
        for (long w = 0; w < x.size(3); w++) {
          double mean = 0;
          double variance = 0;
          for (long c = 0; c < channels; c++) {
            mean += x.getDouble(n, c, h, w) / channels;
          }
          for (long c = 0; c < channels; c++) {
            variance += Math.pow(x.getDouble(n, c, h, w) - mean, 2) / channels;
          }
          for (long c = 0; c < channels; c++) {
            double normalised = (x.getDouble(n, c, h, w) - mean) / Math.sqrt(variance + eps);
            y.putScalar(
                new long[] {n, c, h, w}, gamma.getDouble(c) * normalised + beta.getDouble(c));
          }
        }
      }
    }
    return y;
  }
}
