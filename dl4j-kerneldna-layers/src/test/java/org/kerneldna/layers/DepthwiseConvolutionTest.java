package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.assertClose;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class DepthwiseConvolutionTest {

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          KERNEL, STRIDE, PADDING, DILATION
          3x3,    1x1,    1x1,     1x1
          3x3,    2x2,    1x1,     1x1
          7x7,    1x1,    3x3,     1x1
          3x2,    2x1,    2x1,     1x2
          """)
  void convolvesEachChannelWithItsKernel(
      String kernel, String stride, String padding, String dilation) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      DepthwiseConvolution layer =
          layer(kernel, stride, padding, dilation, ConvolutionMode.Truncate)
              .activation(Activation.RELU)
              .build();
      ComputationGraph net =
          Nets.randomized(Nets.alone(layer.clone(), Nets.options(type), CNN2DFormat.NCHW).build());
      INDArray x = Nets.batch(type, CNN2DFormat.NCHW, 2);
      assertClose(
          net.outputSingle(x),
          byHand(x, net.getParam("layer_W"), net.getParam("layer_b"), layer),
          1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, Same",
    "1, 1, Truncate",
    "2, 1, Same",
    "2, 1, Truncate",
    "1, 2, Same",
    "1, 2, Truncate"
  })
  void sameInBothLayouts(int stride, int dilation, ConvolutionMode mode) {
    DepthwiseConvolution layer =
        new DepthwiseConvolution.Builder(3, 2)
            .stride(stride, stride)
            .dilation(dilation, dilation)
            .convolutionMode(mode)
            .activation(Activation.TANH)
            .build();
    LayerCheck.sameInBothLayouts(layer, DataType.FLOAT);
    LayerCheck.sameInBothLayouts(layer, DataType.DOUBLE);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void isDl4jsInOutputAndGradientsOnBatchesTakenInParts(CNN2DFormat format) {
    int samples = 5;
    InputType input = InputType.convolutional(128, 128, 32, format);
    ComputationGraph ours =
        net(input, new DepthwiseConvolution.Builder(3, 3).activation(Activation.RELU6).build());
    ComputationGraph stock =
        net(
            input,
            new DepthwiseConvolution2D.Builder(3, 3)
                .nOut(32)
                .depthMultiplier(1)
                .activation(Activation.RELU6)
                .dataFormat(format)
                .build());
    stock.setParam("layer_W", ours.getParam("layer_W").permute(2, 3, 0, 1));
    stock.setParam("layer_b", ours.getParam("layer_b"));

    INDArray x = Nets.randn(DataType.FLOAT, 1, shape(input, samples)).addi(1);
    INDArray expected = stock.outputSingle(x);
    assertClose(ours.outputSingle(x), expected, 1e-6);

    INDArray epsilon = Nets.randn(DataType.FLOAT, 2, expected.shape());
    Pair<Gradient, INDArray> ofStock = LayerCheck.backprop(stock, x, epsilon);
    Pair<Gradient, INDArray> ofOurs = LayerCheck.backprop(ours, x, epsilon);
    assertClose(ofOurs.getSecond(), ofStock.getSecond(), 1e-5);
    assertClose(
        ofOurs.getFirst().getGradientFor("W"),
        ofStock.getFirst().getGradientFor("W").permute(2, 3, 0, 1),
        1e-4);
    assertClose(
        ofOurs.getFirst().getGradientFor("b"), ofStock.getFirst().getGradientFor("b"), 1e-4);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void takesAnyStridesOfInputAndEpsilon(CNN2DFormat format) {
    ComputationGraph net =
        Nets.randomized(
            Nets.alone(
                    new DepthwiseConvolution.Builder(3, 3).build(),
                    Nets.options(DataType.FLOAT),
                    format)
                .build());
    INDArray x = Nets.batch(DataType.FLOAT, format, 2);
    INDArray view = x.dup('f');
    assertThat(net.outputSingle(view)).isEqualTo(net.outputSingle(x));
    assertThat(LayerCheck.backprop(net, view, view).getSecond())
        .isEqualTo(LayerCheck.backprop(net, x, x).getSecond());
  }

  @Test
  void takesChannelsAndLayoutFromTheInputType() {
    DepthwiseConvolution layer =
        layer("3x3", "2x2", "1x1", "1x1", ConvolutionMode.Truncate).build();
    InputType images = InputType.convolutional(9, 8, 7, CNN2DFormat.NHWC);
    layer.setNIn(images, true);
    assertThat(layer.getNIn()).isEqualTo(7);
    assertThat(layer.getNOut()).isEqualTo(7);
    assertThat(layer.getOutputType(0, images))
        .isEqualTo(InputType.convolutional(5, 4, 7, CNN2DFormat.NHWC));
    layer.setNIn(InputType.convolutional(9, 8, 6, CNN2DFormat.NCHW), true);
    assertThat(layer.getNOut()).isEqualTo(6);
    assertThat(new DepthwiseConvolution.Builder(3, 3).nIn(5).build().getNOut()).isEqualTo(5);
  }

  @Test
  void refusesAnotherNumberOfOutputChannels() {
    assertThatThrownBy(
            () ->
                Nets.init(
                    Nets.alone(
                            new DepthwiseConvolution.Builder(3, 3).nOut(CHANNELS + 1).build(),
                            Nets.options(DataType.FLOAT),
                            CNN2DFormat.NCHW)
                        .build()))
        .isInstanceOf(DL4JInvalidConfigException.class)
        .hasMessageContaining("nIn=4 and nOut=5");
  }

  @Test
  void refusesAnotherNumberOfInputChannels() {
    ComputationGraph net =
        Nets.init(
            Nets.alone(
                    new DepthwiseConvolution.Builder(3, 3).build(),
                    Nets.options(DataType.FLOAT),
                    CNN2DFormat.NCHW)
                .build());
    assertThatThrownBy(() -> net.output(Nets.randn(DataType.FLOAT, 1, 2, 6, 5, 5)))
        .isInstanceOf(DL4JInvalidInputException.class)
        .hasMessageContaining("4 channels in layout NCHW");
  }

  private static DepthwiseConvolution.Builder layer(
      String kernel, String stride, String padding, String dilation, ConvolutionMode mode) {
    return new DepthwiseConvolution.Builder(pair(kernel))
        .stride(pair(stride))
        .padding(pair(padding))
        .dilation(pair(dilation))
        .convolutionMode(mode);
  }

  private static ComputationGraph net(
      InputType input, org.deeplearning4j.nn.conf.layers.Layer layer) {
    return Nets.randomized(
        Nets.options(DataType.FLOAT)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(input)
            .addLayer("layer", layer, "in")
            .setOutputs("layer")
            .build());
  }

  private static INDArray byHand(
      INDArray x, INDArray kernel, INDArray bias, DepthwiseConvolution layer) {
    int[] k = layer.getKernelSize();
    int[] s = layer.getStride();
    int[] p = layer.getPadding();
    int[] d = layer.getDilation();
    long height = (x.size(2) + 2L * p[0] - (k[0] - 1L) * d[0] - 1) / s[0] + 1;
    long width = (x.size(3) + 2L * p[1] - (k[1] - 1L) * d[1] - 1) / s[1] + 1;
    INDArray y = Nets.randn(x.dataType(), 1, x.size(0), x.size(1), height, width);
    for (long n = 0; n < y.size(0); n++) {
      for (long c = 0; c < y.size(1); c++) {
        for (long h = 0; h < height; h++) {
          for (long w = 0; w < width; w++) {
            double sum = bias.getDouble(c);
            for (int i = 0; i < k[0]; i++) {
              for (int j = 0; j < k[1]; j++) {
                long row = h * s[0] - p[0] + (long) i * d[0];
                long column = w * s[1] - p[1] + (long) j * d[1];
                if (row >= 0 && row < x.size(2) && column >= 0 && column < x.size(3)) {
                  sum += x.getDouble(n, c, row, column) * kernel.getDouble(c, 0, i, j);
                }
              }
            }
            y.putScalar(new long[] {n, c, h, w}, Math.max(0, sum));
          }
        }
      }
    }
    return y;
  }

  private static long[] shape(InputType input, int samples) {
    long[] shape = input.getShape(true);
    shape[0] = samples;
    return shape;
  }

  /** The two numbers of "height x width". */
  private static int[] pair(String text) {
    return Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }
}
