package org.kerneldna.layers.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.nd4j.linalg.api.buffer.DataType.DOUBLE;
import static org.nd4j.linalg.api.buffer.DataType.FLOAT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.Convolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds layers with helpers to the same in double precision without. */
class LayerHelpersTest {

  private static final int CHANNELS = 3;

  /** A layer, and the shapes of two inputs for it. */
  private record Case(String name, Layer layer, InputType type, long[] shape, long[] otherShape) {

    @Override
    public String toString() {
      return name;
    }

    MultiLayerNetwork network(DataType dataType) {
      var conf =
          new NeuralNetConfiguration.Builder()
              .dataType(dataType)
              .activation(Activation.TANH)
              .list()
              .layer(layer.clone())
              .setInputType(type)
              .build();
      var network = new MultiLayerNetwork(conf);
      network.init();
      if (network.numParams() > 0) {
        Nd4j.getRandom().setSeed(3);
        INDArray shift = Nd4j.rand(FLOAT, 1, network.numParams()).muli(0.1).addi(0.2);
        network.setParams(shift.castTo(dataType));
      }
      return network;
    }
  }

  /** What a layer computed, of {@code DOUBLE} whatever it computed in. */
  private record Pass(INDArray output, INDArray inputGradient, INDArray gradient, INDArray test) {

    static Pass of(MultiLayerNetwork network, INDArray input, INDArray epsilon) {
      INDArray test = last(network.feedForward(input, false)).castTo(DOUBLE);
      INDArray output = last(network.feedForward(input, true)).castTo(DOUBLE);
      network.setInput(input);
      network.feedForward(true, false);
      INDArray inputGradient =
          network
              .backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces())
              .getSecond()
              .castTo(DOUBLE);
      INDArray gradient = network.getFlattenedGradients();
      return new Pass(
          output,
          inputGradient,
          gradient == null ? Nd4j.zeros(DOUBLE, 1) : gradient.castTo(DOUBLE),
          test);
    }

    private static INDArray last(List<INDArray> activations) {
      return activations.get(activations.size() - 1);
    }
  }

  @BeforeEach
  void needsOneDnn() {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
  }

  @ParameterizedTest
  @MethodSource
  void convolutionsAreRight(Case given) {
    assertHelped(given);
  }

  static Stream<Case> convolutionsAreRight() {
    List<Case> cases = new ArrayList<>();
    for (var format : CNN2DFormat.values()) {
      for (int[] kernel : new int[][] {{1, 1}, {3, 3}, {1, 3}, {5, 4}}) {
        for (int[] stride : new int[][] {{1, 1}, {2, 2}, {2, 1}, {3, 3}}) {
          for (int[] padding : new int[][] {{0, 0}, {1, 2}}) {
            cases.add(convolution(format, ConvolutionMode.Strict, kernel, stride, padding));
            cases.add(convolution(format, ConvolutionMode.Truncate, kernel, stride, padding));
          }
          if (kernel[1] + 1 >= stride[1]) { // DL4J has no padding for others.
            cases.add(convolution(format, ConvolutionMode.Same, kernel, stride, new int[2]));
          }
        }
      }
    }
    return cases.stream();
  }

  private static Case convolution(
      CNN2DFormat format, ConvolutionMode mode, int[] kernel, int[] stride, int[] padding) {
    var conv =
        new ConvolutionLayer.Builder(kernel, stride, padding)
            .convolutionMode(mode)
            .hasBias(stride[0] != 2)
            .nOut(5)
            .dataFormat(format)
            .build();
    int[] size = {8, 9};
    if (mode == ConvolutionMode.Strict) {
      Arrays.setAll(size, i -> kernel[i] - 2 * padding[i] + stride[i] * (3 + i));
    }
    int[] other = {size[0] + 2 * stride[0], size[1] + stride[1]};
    var name =
        "%s %s kernel %s stride %s padding %s"
            .formatted(
                format,
                mode,
                Arrays.toString(kernel),
                Arrays.toString(stride),
                Arrays.toString(padding));
    return images(name, conv, format, size, other);
  }

  private static Case images(
      String name, Layer layer, CNN2DFormat format, int[] size, int[] other) {
    return new Case(
        name,
        layer,
        InputType.convolutional(size[0], size[1], CHANNELS, format),
        shape(format, size),
        shape(format, other));
  }

  private static long[] shape(CNN2DFormat format, int[] size) {
    return format == CNN2DFormat.NCHW
        ? new long[] {2, CHANNELS, size[0], size[1]}
        : new long[] {2, size[0], size[1], CHANNELS};
  }

  @ParameterizedTest
  @MethodSource
  void normalisationsAreRight(Case given) {
    assertHelped(given);
  }

  static Stream<Case> normalisationsAreRight() {
    List<Case> cases = new ArrayList<>();
    for (var format : CNN2DFormat.values()) {
      for (double eps : new double[] {1e-5, 1e-3, 0.5}) {
        for (boolean logStd : new boolean[] {true, false}) {
          var norm =
              new BatchNormalization.Builder()
                  .eps(eps)
                  .decay(0.8)
                  .useLogStd(logStd)
                  .dataFormat(format)
                  .build();
          var name = "%s eps %s, log of deviation %s".formatted(format, eps, logStd);
          cases.add(images(name, norm, format, new int[] {4, 5}, new int[] {6, 3}));
        }
      }
      cases.add(
          new Case(
              format + " of vectors",
              new BatchNormalization.Builder().dataFormat(format).build(),
              InputType.feedForward(CHANNELS),
              new long[] {6, CHANNELS},
              new long[] {4, CHANNELS}));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource
  void allElseStaysAsItIs(Case given) {
    var network = given.network(FLOAT);
    assertThat(LayerHelpers.enable(network)).isZero();
    assertThat(network.getLayer(0).getHelper()).isNull();

    INDArray input = random(5, given.shape());
    INDArray epsilon = epsilon(network, input);
    Pass pass = Pass.of(network, input, epsilon);
    assertThat(pass).isEqualTo(Pass.of(given.network(FLOAT), input, epsilon));
    assertClose(pass, exact(given, input, epsilon));
  }

  static Stream<Case> allElseStaysAsItIs() {
    List<Case> cases = new ArrayList<>();
    for (var format : CNN2DFormat.values()) {
      Stream.of(
              new ConvolutionLayer.Builder(3, 3).dilation(2, 2).nOut(4).dataFormat(format).build(),
              new ConvolutionLayer.Builder(3, 3)
                  .dilation(1, 2)
                  .convolutionMode(ConvolutionMode.Same)
                  .nOut(4)
                  .dataFormat(format)
                  .build(),
              new Deconvolution2D.Builder(3, 3).stride(2, 2).nOut(4).dataFormat(format).build(),
              new DepthwiseConvolution2D.Builder(3, 3).dataFormat(format).build(),
              new SeparableConvolution2D.Builder(3, 3).nOut(4).dataFormat(format).build(),
              pooling(PoolingType.MAX, format),
              pooling(PoolingType.AVG, format),
              pooling(PoolingType.PNORM, format),
              new LocalResponseNormalization.Builder().dataFormat(format).build(),
              new Convolution.Builder(3, 3).nOut(4).dataFormat(format).build(),
              new BatchNorm.Builder().dataFormat(format).build())
          .map(
              layer ->
                  images(format + " " + layer, layer, format, new int[] {7, 8}, new int[] {7, 8}))
          .forEach(cases::add);
    }
    cases.add(
        images(
            "locked gamma and beta", // Not with channels last, which DL4J fails in.
            new BatchNormalization.Builder().lockGammaBeta(true).build(),
            CNN2DFormat.NCHW,
            new int[] {7, 8},
            new int[] {7, 8}));
    Stream.of(
            new Convolution1DLayer.Builder(3).nOut(4).build(),
            new Convolution1DLayer.Builder(3)
                .convolutionMode(ConvolutionMode.Causal)
                .dilation(2)
                .nOut(4)
                .build(),
            new Subsampling1DLayer.Builder(PoolingType.MAX, 2).build(),
            new LSTM.Builder().nOut(4).build())
        .map(
            layer -> {
              long[] shape = {2, CHANNELS, 9};
              return new Case(
                  layer.toString(), layer, InputType.recurrent(CHANNELS, 9), shape, shape);
            })
        .forEach(cases::add);
    long[] volume = {2, CHANNELS, 5, 6, 7};
    cases.add(
        new Case(
            "volumes",
            new Convolution3D.Builder(2, 2, 2)
                .dataFormat(Convolution3D.DataFormat.NCDHW)
                .nOut(4)
                .build(),
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 5, 6, 7, CHANNELS),
            volume,
            volume));
    return cases.stream();
  }

  private static Layer pooling(PoolingType type, CNN2DFormat format) {
    return new SubsamplingLayer.Builder(type)
        .kernelSize(3, 3)
        .stride(2, 2)
        .padding(1, 1)
        .pnorm(2)
        .dataFormat(format)
        .build();
  }

  @Test
  void doublePrecisionStaysAsItIs() {
    assertThat(LayerHelpers.enable(StockUser.graph(CNN2DFormat.NCHW, DOUBLE))).isZero();
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void networksLearnTheSame(CNN2DFormat format) {
    for (var cache : CacheMode.values()) {
      var exact = StockUser.graph(format, DOUBLE);
      var helped = StockUser.graph(format, FLOAT);
      helped.setParams(exact.params().castTo(FLOAT));
      assertThat(LayerHelpers.enable(helped)).isEqualTo(3);
      assertThat(withHelpers(helped)).containsExactly("strided", "pointwise", "norm");
      helped.setCacheMode(cache);
      for (int step = 0; step < 3; step++) {
        exact.fit(StockUser.batch(format, DOUBLE));
        helped.fit(StockUser.batch(format, FLOAT));
      }
      assertClose(helped.params().castTo(DOUBLE), exact.params());
    }
  }

  private static Stream<String> withHelpers(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .filter(layer -> layer.getHelper() != null)
        .map(layer -> layer.conf().getLayer().getLayerName());
  }

  @Test
  void thatNetworkAloneHasThem() {
    var graph = StockUser.graph(CNN2DFormat.NCHW, FLOAT);
    assertThat(LayerHelpers.enable(graph)).isEqualTo(3);
    assertThat(LayerHelpers.enable(graph)).isEqualTo(3);
    assertThat(withHelpers(graph.clone())).isEmpty();
    assertThat(withHelpers(StockUser.graph(CNN2DFormat.NCHW, FLOAT))).isEmpty();
  }

  @Test
  void frozenLayersHaveThemToo() {
    var conv = new ConvolutionLayer.Builder(3, 3).nOut(5).build();
    var frozen =
        images(
            "frozen", new FrozenLayer(conv), CNN2DFormat.NCHW, new int[] {7, 8}, new int[] {7, 8});
    assertThat(LayerHelpers.enable(frozen.network(FLOAT))).isEqualTo(1);
  }

  @Test
  void noGradientIsTakenByStatisticsOfAnotherPass() {
    var given =
        images(
            "norm", new BatchNormalization(), CNN2DFormat.NCHW, new int[] {4, 5}, new int[] {4, 5});
    var network = given.network(FLOAT);
    assertThat(LayerHelpers.enable(network)).isEqualTo(1);
    INDArray input = random(5, given.shape());
    Pass.of(network, input, random(6, given.shape()));
    network.setInput(input);
    network.feedForward(false, false);
    assertThatIllegalStateException()
        .isThrownBy(() -> network.backpropGradient(input, LayerWorkspaceMgr.noWorkspaces()))
        .withMessageContaining("inference");
  }

  @Test
  void asksForAnInitialisedNetwork() {
    var graph = new ComputationGraph(StockUser.graph(CNN2DFormat.NCHW, FLOAT).getConfiguration());
    assertThatIllegalStateException()
        .isThrownBy(() -> LayerHelpers.enable(graph))
        .withMessageContaining("init()");
  }

  /** Two inputs, so that what a helper keeps of one is seen in the next. */
  private static void assertHelped(Case given) {
    var network = given.network(FLOAT);
    assertThat(LayerHelpers.enable(network)).isEqualTo(1);
    for (long[] shape : new long[][] {given.shape(), given.otherShape()}) {
      INDArray input = random(5, shape);
      INDArray epsilon = epsilon(network, input);
      Pass expected = exact(given, input, epsilon);
      assertClose(Pass.of(network, input, epsilon), expected);
      assertClose(Pass.of(network, outOfOrder(input), epsilon), expected);
      assertClose(Pass.of(network, input, outOfOrder(epsilon)), expected);
    }
  }

  private static Pass exact(Case given, INDArray input, INDArray epsilon) {
    return Pass.of(given.network(DOUBLE), input.castTo(DOUBLE), epsilon.castTo(DOUBLE));
  }

  private static void assertClose(Pass actual, Pass expected) {
    assertClose(actual.output(), expected.output());
    assertClose(actual.inputGradient(), expected.inputGradient());
    assertClose(actual.gradient(), expected.gradient());
    assertClose(actual.test(), expected.test());
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    double scale = Math.max(1e-3, expected.amaxNumber().doubleValue());
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / scale).isCloseTo(0, within(1e-5));
  }

  private static INDArray random(int seed, long... shape) {
    Nd4j.getRandom().setSeed(seed);
    return Nd4j.randn(FLOAT, shape);
  }

  private static INDArray epsilon(MultiLayerNetwork network, INDArray input) {
    return random(6, network.feedForward(input, false).get(1).shape());
  }

  /** The same, with the last dimension's elements the farthest from one another. */
  private static INDArray outOfOrder(INDArray array) {
    int[] reversed = IntStream.range(0, array.rank()).map(i -> array.rank() - 1 - i).toArray();
    return array.permute(reversed).dup('c').permute(reversed);
  }
}
