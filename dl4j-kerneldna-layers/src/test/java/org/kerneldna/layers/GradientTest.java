package org.kerneldna.layers;

import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.randn;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every layer by itself, after a plain layer through which its input's gradient is seen. */
class GradientTest {

  private static final int SAMPLES = 4;

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          KERNEL, STRIDE, PADDING, DILATION, MODE,     FORMAT, BIAS,  GATE, FROZEN, SPATIAL, FILTER, ACTIVATION
          1x1,    1x1,    0x0,     1x1,      Same,     NCHW,   false, 2,    false,  true,    true,   IDENTITY
          1x1,    2x2,    0x0,     1x1,      Truncate, NHWC,   true,  0,    false,  true,    true,   TANH
          1x1,    1x1,    1x0,     1x1,      Truncate, NCHW,   true,  4,    true,   true,    false,  ELU
          3x3,    1x1,    0x0,     1x1,      Same,     NCHW,   false, 2,    false,  true,    true,   IDENTITY
          3x3,    1x1,    0x0,     1x1,      Same,     NHWC,   true,  3,    false,  true,    true,   TANH
          3x3,    2x2,    0x0,     1x1,      Same,     NCHW,   true,  1,    true,   true,    false,  ELU
          3x3,    2x2,    1x1,     1x1,      Truncate, NHWC,   false, 2,    true,   false,   true,   ELU
          3x3,    1x1,    2x2,     2x2,      Truncate, NCHW,   true,  0,    false,  false,   true,   TANH
          3x3,    1x1,    0x0,     2x2,      Same,     NHWC,   false, 0,    false,  true,    false,  IDENTITY
          3x3,    2x2,    1x1,     1x1,      Truncate, NCHW,   false, 0,    false,  false,   false,  TANH
          3x2,    2x1,    0x1,     1x2,      Truncate, NCHW,   true,  2,    false,  true,    true,   TANH
          2x3,    1x2,    0x0,     1x1,      Same,     NHWC,   true,  2,    false,  false,   false,  IDENTITY
          """)
  void kernelDNAConvolution(
      String kernel,
      String stride,
      String padding,
      String dilation,
      ConvolutionMode mode,
      CNN2DFormat format,
      boolean bias,
      int gate,
      boolean frozen,
      boolean spatial,
      boolean filter,
      Activation activation) {
    KernelDNAConvolution.Builder layer =
        geometry(new KernelDNAConvolution.Builder(pair(kernel)), stride, padding, dilation, mode)
            .nOut(3)
            .hasBias(bias)
            .frozenStatistics(frozen)
            .spatialModulation(spatial)
            .filterModulation(filter)
            .activation(activation);
    check((gate == 0 ? layer.noGate() : layer.gate(gate)).build(), format);
  }

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          KERNEL, STRIDE, PADDING, DILATION, MODE,     FORMAT, BIAS,  ACTIVATION
          1x1,    1x1,    0x0,     1x1,      Same,     NHWC,   false, TANH
          1x1,    2x2,    0x0,     1x1,      Truncate, NCHW,   true,  ELU
          3x3,    1x1,    0x0,     1x1,      Same,     NCHW,   true,  IDENTITY
          3x3,    2x2,    0x0,     1x1,      Same,     NHWC,   true,  TANH
          3x3,    2x2,    1x1,     1x1,      Truncate, NCHW,   false, IDENTITY
          3x3,    1x1,    2x2,     2x2,      Truncate, NHWC,   true,  ELU
          2x3,    1x2,    0x1,     2x1,      Truncate, NCHW,   true,  TANH
          """)
  void convolution(
      String kernel,
      String stride,
      String padding,
      String dilation,
      ConvolutionMode mode,
      CNN2DFormat format,
      boolean bias,
      Activation activation) {
    check(
        geometry(new Convolution.Builder(pair(kernel)), stride, padding, dilation, mode)
            .nOut(3)
            .hasBias(bias)
            .activation(activation)
            .build(),
        format);
  }

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          KERNEL, STRIDE, PADDING, DILATION, MODE,     FORMAT, BIAS,  ACTIVATION
          1x1,    1x1,    0x0,     1x1,      Same,     NHWC,   false, TANH
          3x3,    1x1,    0x0,     1x1,      Same,     NCHW,   true,  IDENTITY
          3x3,    2x2,    0x0,     1x1,      Same,     NHWC,   true,  TANH
          3x3,    2x2,    1x1,     1x1,      Truncate, NCHW,   false, ELU
          3x3,    1x1,    2x2,     2x2,      Truncate, NHWC,   true,  ELU
          3x3,    1x1,    0x0,     2x2,      Same,     NCHW,   false, TANH
          7x7,    1x1,    3x3,     1x1,      Truncate, NCHW,   true,  IDENTITY
          7x7,    1x1,    3x3,     1x1,      Truncate, NHWC,   true,  IDENTITY
          2x3,    1x2,    0x1,     2x1,      Truncate, NCHW,   true,  TANH
          """)
  void depthwiseConvolution(
      String kernel,
      String stride,
      String padding,
      String dilation,
      ConvolutionMode mode,
      CNN2DFormat format,
      boolean bias,
      Activation activation) {
    check(
        geometry(new DepthwiseConvolution.Builder(pair(kernel)), stride, padding, dilation, mode)
            .hasBias(bias)
            .activation(activation)
            .build(),
        format);
  }

  @ParameterizedTest
  @CsvSource({"NCHW, false, RELU", "NCHW, true, RELU6", "NHWC, false, RELU6", "NHWC, true, RELU"})
  void batchNormWithARectifier(CNN2DFormat format, boolean frozen, Activation rectifier) {
    check(new BatchNorm.Builder().frozenStatistics(frozen).rectifier(rectifier).build(), format);
  }

  static Stream<Layer> ofRows() {
    return Stream.of(
        new BatchNorm.Builder().build(),
        new BatchNorm.Builder().frozenStatistics(true).build(),
        new ChannelLayerNorm.Builder().build(),
        new LayerScale.Builder().build(),
        new DropPath.Builder(0.4).build(),
        new Relu(Activation.RELU),
        new Relu(Activation.RELU6),
        new ActivationLayer(new Gelu()));
  }

  @ParameterizedTest
  @MethodSource("ofRows")
  void rows(Layer layer) {
    check(
        Nets.randomized(
            Nets.options(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(2))
                .addLayer("before", new DenseLayer.Builder().nOut(4).build(), "in")
                .addLayer("layer", layer, "before")
                .addLayer("loss", new LossLayer.Builder(LossFunction.MSE).build(), "layer")
                .setOutputs("loss")
                .build()),
        randn(DataType.DOUBLE, 1, SAMPLES, 2));
  }

  @ParameterizedTest
  @CsvSource({"NCHW, 1, false", "NCHW, 3, true", "NHWC, 2, false", "NHWC, 4, true"})
  void squeezeExcitation(CNN2DFormat format, int ratio, boolean frozen) {
    check(new SqueezeExcitation.Builder().ratio(ratio).frozenStatistics(frozen).build(), format);
  }

  @Test
  void dropout() {
    check(Nets.parent().dropOut(0.6).build(), CNN2DFormat.NCHW);
    check(Nets.child().dropOut(0.6).build(), CNN2DFormat.NCHW);
    check(new SqueezeExcitation.Builder().dropOut(0.6).build(), CNN2DFormat.NCHW);
  }

  private static void check(Layer layer, CNN2DFormat format) {
    check(
        Nets.randomized(
            Nets.graph(
                    Nets.options(DataType.DOUBLE).l1(0.01).l2(0.02).l1Bias(0.03).l2Bias(0.04),
                    format)
                .addLayer("before", before(), "in")
                .addLayer("layer", layer, "before")
                .addLayer("loss", new LossLayer.Builder(LossFunction.MSE).build(), "layer")
                .setOutputs("loss")
                .build()),
        batch(DataType.DOUBLE, format, SAMPLES));
  }

  private static void check(ComputationGraph net, INDArray input) {
    INDArray labels = randn(DataType.DOUBLE, 2, net.outputSingle(input).shape());
    Nets.assertGradients(net, new DataSet(input, labels));
  }

  private static Layer before() {
    return new ConvolutionLayer.Builder(1, 1).nOut(4).build();
  }

  private static <T extends Convolution.BaseBuilder<T>> T geometry(
      T layer, String stride, String padding, String dilation, ConvolutionMode mode) {
    return layer
        .stride(pair(stride))
        .padding(pair(padding))
        .dilation(pair(dilation))
        .convolutionMode(mode);
  }

  /** The two numbers of "height x width". */
  private static int[] pair(String text) {
    return Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }
}
