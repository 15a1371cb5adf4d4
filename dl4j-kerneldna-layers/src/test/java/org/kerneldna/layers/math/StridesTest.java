package org.kerneldna.layers.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.Views;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.layers.dynamic.KernelDerivation.Derived;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.dynamic.Routing.Routed;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.kerneldna.layers.math.ChannelNormalization.Statistics;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Results do not depend on how arrays lie in memory, neither those read nor those written. */
class StridesTest {

  private static final double EPS = 1e-5;

  /** Computes into arrays that it makes, and returns them. */
  @FunctionalInterface
  interface Operation {
    List<INDArray> run(Memory arrays);
  }

  /**
   * Makes random arrays, and empty ones for results, as they are to lie in memory.
   *
   * @param size of images: samples, height, width
   * @param mean of activations
   */
  record Memory(
      CNN2DFormat format,
      DataType type,
      UnaryOperator<INDArray> in,
      UnaryOperator<INDArray> out,
      long[] size,
      double mean) {

    Memory(
        CNN2DFormat format,
        DataType type,
        UnaryOperator<INDArray> in,
        UnaryOperator<INDArray> out) {
      this(format, type, in, out, new long[] {2, 5, 6}, 0);
    }

    INDArray random(long... shape) {
      return in.apply(Nd4j.randn(DataType.DOUBLE, shape).castTo(type));
    }

    /** Random images of four channels, about 0. */
    INDArray images() {
      return random(shape());
    }

    /** The same about the mean. */
    INDArray activations() {
      return in.apply(Nd4j.randn(DataType.DOUBLE, shape()).addi(mean).castTo(type));
    }

    private long[] shape() {
      return format == CNN2DFormat.NCHW
          ? new long[] {size[0], 4, size[1], size[2]}
          : new long[] {size[0], size[1], size[2], 4};
    }

    INDArray result(long... shape) {
      return out.apply(Nd4j.create(type, shape));
    }
  }

  static final Map<String, Operation> OPERATIONS = new LinkedHashMap<>();

  static {
    OPERATIONS.put("channels", StridesTest::channels);
    OPERATIONS.put("normalization", a -> normalization(a, null));
    OPERATIONS.put("normalization with ReLU6", a -> normalization(a, Rectifier.RELU6));
    OPERATIONS.put("channel normalization", StridesTest::channelNormalization);
    OPERATIONS.put("convolution", a -> convolution(a, 1));
    OPERATIONS.put("dilated convolution", a -> convolution(a, 2));
    OPERATIONS.put("depthwise convolution", a -> depthwise(a, 1));
    OPERATIONS.put("dilated depthwise convolution", a -> depthwise(a, 2));
    OPERATIONS.put("gate", StridesTest::gate);
    OPERATIONS.put("static modulation", StridesTest::modulation);
    OPERATIONS.put("ReLU", a -> rectifier(a, Rectifier.RELU));
    OPERATIONS.put("ReLU6", a -> rectifier(a, Rectifier.RELU6));
    OPERATIONS.put("stochastic depth", StridesTest::stochasticDepth);
  }

  static Stream<Arguments> cases() {
    return OPERATIONS.keySet().stream()
        .flatMap(name -> Arrays.stream(Views.values()).map(view -> Arguments.of(name, view)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sameAsOnDenseArrays(String operation, Views view) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.HALF}) {
      for (CNN2DFormat format : CNN2DFormat.values()) {
        UnaryOperator<INDArray> out = view == Views.BROADCAST ? x -> x : view::of;
        List<INDArray> expected =
            run(operation, new Memory(format, type, x -> Views.dense(view.of(x)), x -> x));
        List<INDArray> actual = run(operation, new Memory(format, type, view::of, out));
        for (int i = 0; i < expected.size(); i++) {
          assertSame(Views.dense(actual.get(i)), expected.get(i), type + " " + format + " " + i);
        }
      }
    }
  }

  static List<INDArray> run(String operation, Memory arrays) {
    Nd4j.getRandom().setSeed(3);
    return OPERATIONS.get(operation).run(arrays);
  }

  /** Equal up to the order in which sums were taken. */
  private static void assertSame(INDArray actual, INDArray expected, String name) {
    double rounding =
        switch (expected.dataType()) {
          case DOUBLE -> 1e-14;
          case FLOAT -> 1e-5;
          default -> 2e-3;
        };
    INDArray a = actual.castTo(DataType.DOUBLE);
    INDArray e = expected.castTo(DataType.DOUBLE);
    assertThat(a.distance2(e))
        .as(name)
        .isLessThanOrEqualTo(rounding * (1 + e.norm2Number().doubleValue()));
  }

  private static List<INDArray> channels(Memory a) {
    Channels channels = new Channels(a.format);
    INDArray x = a.activations();
    INDArray y = a.images();
    INDArray scaled = a.result(x.shape());
    channels.scale(x, a.random(4), a.random(x.size(0), 4), scaled);
    INDArray multiplied = a.result(x.shape());
    channels.multiply(x, a.random(4), multiplied);
    INDArray sum = a.result(4);
    channels.sum(y, sum);
    INDArray products = a.result(4);
    channels.sumOfProducts(x, y, products);
    return List.of(
        scaled,
        multiplied,
        sum,
        products,
        channels.sumPerSample(x),
        channels.sumOfProductsPerSample(x, y));
  }

  private static List<INDArray> normalization(Memory a, Rectifier after) {
    Normalization normalization = new Normalization(a.format, EPS, after);
    INDArray x = a.activations();
    INDArray gamma = a.random(4);
    Moments moments = normalization.moments(x);
    INDArray beta = a.random(4);
    INDArray out = normalization.forward(x, moments, gamma, beta, a.result(x.shape()));
    INDArray gradX = a.result(x.shape());
    INDArray gradGamma = a.result(4);
    INDArray gradBeta = a.result(4);
    normalization.backward(x, moments, true, gamma, beta, a.images(), gradX, gradGamma, gradBeta);
    return List.of(out, gradX, gradGamma, gradBeta);
  }

  private static List<INDArray> channelNormalization(Memory a) {
    ChannelNormalization normalization = new ChannelNormalization(a.format, EPS);
    INDArray x = a.activations();
    INDArray gamma = a.random(4);
    INDArray out = a.result(x.shape());
    Statistics statistics = normalization.forward(x, gamma, a.random(4), out);
    INDArray gradX = a.result(x.shape());
    INDArray gradGamma = a.result(4);
    INDArray gradBeta = a.result(4);
    normalization.backward(
        x, statistics, gamma, a.images(), gradX, gradGamma, gradBeta, a.result(x.shape()));
    return List.of(out, gradX, gradGamma, gradBeta);
  }

  private static ConvolutionLayer geometry(Memory a, int outputs, int dilation) {
    return new ConvolutionLayer.Builder(3, 3)
        .nIn(4)
        .nOut(outputs)
        .dilation(dilation, dilation)
        .convolutionMode(ConvolutionMode.Same)
        .dataFormat(a.format)
        .build();
  }

  private static List<INDArray> convolution(Memory a, int dilation) {
    Conv2d convolution = new Conv2d(geometry(a, 3, dilation), false);
    INDArray x = a.activations();
    INDArray kernel = a.random(3, 4, 3, 3);
    long[] shape = convolution.outputShape(x);
    INDArray out = convolution.forward(x, kernel, a.random(3), a.result(shape));
    INDArray gradX = a.result(x.shape());
    INDArray gradKernel = a.result(kernel.shape());
    convolution.backward(x, kernel, a.random(shape), gradX, gradKernel);
    return List.of(out, gradX, gradKernel);
  }

  private static List<INDArray> depthwise(Memory a, int dilation) {
    Conv2d convolution = new Conv2d(geometry(a, 4, dilation), true);
    INDArray x = a.activations();
    INDArray kernel = a.random(4, 1, 3, 3);
    long[] shape = convolution.outputShape(x);
    INDArray out = convolution.forward(x, kernel, a.random(4), a.result(shape));
    INDArray gradX = a.result(x.shape());
    INDArray gradKernel = a.result(kernel.shape());
    convolution.backward(x, kernel, a.random(shape), gradX, gradKernel);
    return List.of(out, gradX, gradKernel);
  }

  private static List<INDArray> gate(Memory a) {
    // Statistics of two samples are plus and minus one, which leaves nothing to normalise.
    Gate gate = new Gate("gate", a.format, 4, 2, true);
    INDArray x = a.activations();
    Map<String, INDArray> params = new LinkedHashMap<>();
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    randomise(gate.parameters(), a, params, gradients);
    params.put(Gate.VARIANCE, Nd4j.createFromArray(0.5, 2).castTo(a.type));
    Pass pass = new Pass(params, true, a.type, LayerWorkspaceMgr.noWorkspaces());
    Routed routed = gate.forward(x, pass);
    INDArray gradX = routed.backward(a.images(), gradients, pass);
    return Stream.concat(Stream.of(routed.output(), gradX), gradients.values().stream()).toList();
  }

  private static List<INDArray> modulation(Memory a) {
    StaticModulation modulation = new StaticModulation(true, true, new int[] {3, 3}, 3);
    INDArray parent = a.random(3, 4, 3, 3);
    Map<String, INDArray> params = new LinkedHashMap<>();
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    randomise(modulation.parameters(), a, params, gradients);
    INDArray child =
        StaticModulation.forward(
            parent, params.get("s"), params.get("f"), a.result(parent.shape()));
    Pass pass = new Pass(params, true, a.type, LayerWorkspaceMgr.noWorkspaces());
    Derived derived = modulation.forward(parent, null, pass);
    INDArray gradParent = a.result(parent.shape());
    derived.backward(a.random(parent.shape()), gradParent, gradients, pass);
    return List.of(child, derived.kernel(), gradParent, gradients.get("s"), gradients.get("f"));
  }

  private static void randomise(
      List<Parameter> parameters,
      Memory a,
      Map<String, INDArray> params,
      Map<String, INDArray> gradients) {
    for (Parameter p : parameters) {
      params.put(p.key(), a.random(p.shape()));
      gradients.put(p.key(), a.result(p.shape()));
    }
  }

  private static List<INDArray> rectifier(Memory a, Rectifier rectifier) {
    INDArray x = a.activations();
    INDArray out = rectifier.forward(x, a.result(x.shape()));
    return List.of(out, rectifier.backward(x, a.images(), a.result(x.shape())));
  }

  private static List<INDArray> stochasticDepth(Memory a) {
    INDArray x = a.activations();
    return List.of(StochasticDepth.apply(x, a.random(x.size(0)), a.result(x.shape())));
  }
}
