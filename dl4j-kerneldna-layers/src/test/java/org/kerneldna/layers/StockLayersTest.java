package org.kerneldna.layers;

import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.assertClose;

import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BaseConvBuilder;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Our layers against DL4J's own where the two mean the same. */
class StockLayersTest {

  @ParameterizedTest
  @CsvSource({
    "DOUBLE, NCHW, 1", "DOUBLE, NCHW, 2", "DOUBLE, NCHW, 3", "DOUBLE, NCHW, 4", "DOUBLE, NCHW, 5",
    "DOUBLE, NHWC, 6", "DOUBLE, NHWC, 7", "DOUBLE, NHWC, 8", "DOUBLE, NHWC, 9", "DOUBLE, NHWC, 10",
    "FLOAT, NCHW, 11", "FLOAT, NCHW, 12", "FLOAT, NCHW, 13", "FLOAT, NCHW, 14", "FLOAT, NCHW, 15",
    "FLOAT, NHWC, 16", "FLOAT, NHWC, 17", "FLOAT, NHWC, 18", "FLOAT, NHWC, 19", "FLOAT, NHWC, 20",
  })
  void convolutionsWithoutGateAndModulation(DataType type, CNN2DFormat format, int seed) {
    double tolerance = type == DataType.DOUBLE ? 1e-10 : 1e-5;
    ComputationGraph stock =
        net(random(new ConvolutionLayer.Builder().dataFormat(format), seed).build(), type, format);
    ComputationGraph plain =
        net(random(new Convolution.Builder().dataFormat(format), seed).build(), type, format);
    ComputationGraph unmodulated =
        net(
            random(new KernelDNAConvolution.Builder().dataFormat(format).noGate(), seed).build(),
            type,
            format);
    stock.paramTable().forEach(plain::setParam);
    stock.paramTable().forEach(unmodulated::setParam);

    INDArray x = Nets.batch(type, format, 3);
    INDArray expected = stock.outputSingle(x);
    INDArray epsilon = Nets.randn(type, seed, expected.shape());
    Pair<Gradient, INDArray> gradients = Nets.backprop(stock, x, epsilon);
    for (ComputationGraph ours : new ComputationGraph[] {plain, unmodulated}) {
      assertClose(ours.outputSingle(x), expected, tolerance);
      Pair<Gradient, INDArray> our = Nets.backprop(ours, x, epsilon);
      assertClose(our.getSecond(), gradients.getSecond(), tolerance);
      for (Map.Entry<String, INDArray> gradient :
          gradients.getFirst().gradientForVariable().entrySet()) {
        assertClose(
            our.getFirst().getGradientFor(gradient.getKey()), gradient.getValue(), tolerance);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void batchNormalisation(CNN2DFormat format) {
    ComputationGraph stock =
        batchNorm(new BatchNormalization.Builder().useLogStd(false).build(), format);
    ComputationGraph ours = batchNorm(new BatchNorm.Builder().build(), format);
    ours.setParams(stock.params());
    INDArray x = Nets.batch(DataType.DOUBLE, format, 3);
    INDArray epsilon = Nets.randn(DataType.DOUBLE, 9, x.shape());

    assertClose(ours.outputSingle(x), stock.outputSingle(x), 1e-10);
    assertClose(
        ours.feedForward(x, true).get("layer"), stock.feedForward(x, true).get("layer"), 1e-10);
    Pair<Gradient, INDArray> expected = Nets.backprop(stock, x, epsilon);
    Pair<Gradient, INDArray> actual = Nets.backprop(ours, x, epsilon);
    assertClose(actual.getSecond(), expected.getSecond(), 1e-10);
    for (String key : new String[] {BatchNorm.GAMMA, BatchNorm.BETA}) {
      INDArray gradient = expected.getFirst().getGradientFor(key);
      assertClose(
          actual.getFirst().getGradientFor(key), gradient.reshape(gradient.length()), 1e-10);
    }
  }

  private static ComputationGraph batchNorm(Layer layer, CNN2DFormat format) {
    return Nets.randomized(Nets.alone(layer, Nets.options(DataType.DOUBLE), format).build());
  }

  private static ComputationGraph net(ConvolutionLayer layer, DataType type, CNN2DFormat format) {
    return Nets.init(Nets.alone(layer, Nets.options(type).biasInit(0.3), format).build());
  }

  private static <B extends BaseConvBuilder<B>> B random(B builder, int seed) {
    Random random = new Random(seed);
    ConvolutionMode mode = random.nextBoolean() ? ConvolutionMode.Same : ConvolutionMode.Truncate;
    Activation[] activations = {Activation.IDENTITY, Activation.RELU, Activation.TANH};
    int kernelHeight = 1 + random.nextInt(3);
    int kernelWidth = 1 + random.nextInt(3);
    builder
        .kernelSize(kernelHeight, kernelWidth)
        .stride(1 + random.nextInt(2), 1 + random.nextInt(2))
        .dilation(1 + random.nextInt(2), 1 + random.nextInt(2));
    if (mode == ConvolutionMode.Truncate) {
      builder.padding(random.nextInt(kernelHeight), random.nextInt(kernelWidth));
    }
    return builder
        .convolutionMode(mode)
        .nOut(CHANNELS - 1)
        .hasBias(random.nextBoolean())
        .activation(activations[random.nextInt(3)]);
  }
}
