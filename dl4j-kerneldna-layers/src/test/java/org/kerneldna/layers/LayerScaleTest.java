package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.HEIGHT;
import static org.kerneldna.layers.Nets.WIDTH;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class LayerScaleTest {

  @Test
  void scalesEachChannel() {
    ComputationGraph net =
        Nets.randomized(
            Nets.alone(layer(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
    INDArray gamma = net.getParam("layer_gamma");
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 2);
    INDArray y = net.outputSingle(x);
    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < CHANNELS; c++) {
        for (int h = 0; h < HEIGHT; h++) {
          for (int w = 0; w < WIDTH; w++) {
            assertThat(y.getFloat(n, c, h, w))
                .isEqualTo(x.getFloat(n, c, h, w) * gamma.getFloat(c));
          }
        }
      }
    }
  }

  @Test
  void startsAtTheInitialValue() {
    assertThat(initial(layer())).containsOnly(1e-6f);
    assertThat(initial(new LayerScale.Builder().initialValue(0.1).build())).containsOnly(0.1f);
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
    LayerScale layer = layer();
    InputType images = InputType.convolutional(HEIGHT, WIDTH, 7, CNN2DFormat.NHWC);
    layer.setNIn(images, false);
    assertThat(layer.getNOut()).isEqualTo(7);
    assertThat(layer.getDataFormat()).isEqualTo(CNN2DFormat.NHWC);
    assertThat(layer.getOutputType(0, images)).isEqualTo(images);
  }

  private static LayerScale layer() {
    return new LayerScale.Builder().build();
  }

  private static float[] initial(LayerScale layer) {
    return Nets.init(Nets.alone(layer, Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build())
        .getParam("layer_gamma")
        .toFloatVector();
  }
}
