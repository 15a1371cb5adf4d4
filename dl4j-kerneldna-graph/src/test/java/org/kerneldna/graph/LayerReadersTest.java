package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** DL4J's layers, one after a convolution and before another, in both layouts. */
class LayerReadersTest {

  private static final int[][] WINDOWS = {
    // kernel, stride, dilation, padding
    {3, 3, 1, 1, 1, 1, 0, 0},
    {3, 2, 2, 1, 1, 1, 1, 0},
    {2, 3, 2, 2, 1, 1, 1, 2},
    {2, 2, 3, 3, 1, 1, 0, 0},
    {2, 3, 1, 1, 2, 2, 1, 1},
    {1, 1, 2, 2, 1, 1, 0, 0},
  };

  static Stream<Layer> ofImages() {
    return Stream.concat(
        windows(),
        Stream.of(
            new BatchNormalization.Builder().build(),
            new BatchNormalization.Builder().useLogStd(false).eps(0.1).build(),
            new BatchNormalization.Builder().lockGammaBeta(true).build(),
            new LocalResponseNormalization.Builder().k(1.5).n(3).alpha(0.1).beta(0.6).build(),
            new LocalResponseNormalization.Builder().n(4).alpha(0.3).build(),
            new ZeroPaddingLayer.Builder(1, 0, 2, 3).build(),
            new Cropping2D.Builder(1, 0, 0, 2).build(),
            new Cropping2D.Builder(0, 0, 0, 0).build(),
            new Upsampling2D.Builder().size(new int[] {2, 3}).build(),
            new ActivationLayer(Activation.SOFTMAX),
            new ActivationLayer(Activation.TANH),
            new DropoutLayer(0.3)));
  }

  private static Stream<Layer> windows() {
    return Stream.of(ConvolutionMode.Same, ConvolutionMode.Truncate)
        .flatMap(mode -> Arrays.stream(WINDOWS).flatMap(w -> windows(mode, w)));
  }

  private static Stream<Layer> windows(ConvolutionMode mode, int... w) {
    int[] kernel = {w[0], w[1]};
    int[] stride = {w[2], w[3]};
    int[] dilation = {w[4], w[5]};
    int[] padding = mode == ConvolutionMode.Same ? new int[2] : new int[] {w[6], w[7]};
    Stream<Layer> convolutions =
        Stream.of(
            new ConvolutionLayer.Builder(kernel, stride, padding)
                .dilation(dilation)
                .nOut(4)
                .convolutionMode(mode)
                .activation(Activation.SIGMOID)
                .build(),
            new Convolution2D.Builder(kernel, stride, padding)
                .dilation(dilation)
                .nOut(4)
                .hasBias(false)
                .convolutionMode(mode)
                .build(),
            new Deconvolution2D.Builder(kernel, stride, padding)
                .dilation(dilation)
                .nOut(4)
                .convolutionMode(mode)
                .activation(Activation.TANH)
                .build(),
            new DepthwiseConvolution2D.Builder(kernel, stride, padding)
                .dilation(dilation)
                .depthMultiplier(2)
                .convolutionMode(mode)
                .build(),
            new SeparableConvolution2D.Builder(kernel, stride, padding)
                .dilation(dilation)
                .nOut(4)
                .depthMultiplier(2)
                .convolutionMode(mode)
                .activation(Activation.RELU)
                .build());
    Stream<Layer> pooling =
        Stream.of(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM)
            .flatMap(
                type ->
                    Stream.of(true, false)
                        .map(
                            counted ->
                                new SubsamplingLayer.Builder(type, kernel, stride, padding)
                                    .dilation(dilation)
                                    .convolutionMode(mode)
                                    .avgPoolIncludePadInDivisor(counted)
                                    .pnorm(3)
                                    .build()));
    return Stream.concat(convolutions, pooling);
  }

  static Stream<Arguments> inBothLayouts() {
    return Stream.of(CNN2DFormat.values())
        .flatMap(format -> ofImages().map(layer -> Arguments.of(format, layer)));
  }

  @ParameterizedTest
  @MethodSource("inBothLayouts")
  void readsLayersOfImages(CNN2DFormat format, Layer layer) {
    Program program = check(format, layer);
    boolean dilated =
        layer instanceof SubsamplingLayer pool
            && pool.getDilation()[0] > 1
            && pool.getPoolingType() != PoolingType.PNORM;
    assertThat(Agreement.opaque(program))
        .isEqualTo(dilated ? List.of("SubsamplingLayer") : List.of());
  }

  @ParameterizedTest
  @EnumSource
  void readsParametricRelu(CNN2DFormat format) {
    long[] shape = format == CNN2DFormat.NCHW ? new long[] {4, 9, 7} : new long[] {9, 7, 4};
    var free = new PReLULayer.Builder().inputShape(shape);
    var shared = new PReLULayer.Builder().inputShape(shape).sharedAxes(1, 2);
    var scalar = new PReLULayer.Builder().inputShape(shape).sharedAxes(1, 2, 3);
    for (PReLULayer.Builder builder : List.of(free, shared, scalar)) {
      assertThat(Agreement.opaque(check(format, builder.build()))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsPooling2dAndSpaceToDepth(CNN2DFormat format) {
    Pooling2D pool = new Pooling2D();
    pool.setPoolingType(PoolingType.AVG);
    pool.setKernelSize(new int[] {3, 3});
    pool.setStride(new int[] {2, 2});
    pool.setPadding(new int[] {1, 1});
    pool.setConvolutionMode(ConvolutionMode.Truncate);
    assertThat(Agreement.opaque(check(format, pool))).isEmpty();
    check(format, new SpaceToDepthLayer.Builder(3, format).build(), 9, 6);
  }

  @ParameterizedTest
  @EnumSource
  void readsGlobalPooling(CNN2DFormat format) {
    for (PoolingType type : PoolingType.values()) {
      var collapsed = new GlobalPoolingLayer.Builder(type).pnorm(3).build();
      Program program =
          Agreement.of(
              graph(
                  list()
                      .layer(new ConvolutionLayer.Builder(1, 1).nOut(4).build())
                      .layer(collapsed)
                      .layer(new DenseLayer.Builder().nOut(3).build())
                      .setInputType(InputType.convolutional(9, 7, 3, format))),
              Agreement.images(format, 2, 3, 9, 7));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  @Test
  void readsGlobalPoolingOfWhatIsNotKnown() {
    for (PoolingType type : PoolingType.values()) {
      var pool = new GlobalPoolingLayer.Builder(type).pnorm(2).build();
      var kept = new GlobalPoolingLayer.Builder(type).pnorm(2).collapseDimensions(false).build();
      var partial = new GlobalPoolingLayer.Builder(type).pnorm(2).poolingDimensions(3).build();
      INDArray images = Agreement.numbers(2, 3, 5, 4);
      INDArray series = Agreement.numbers(2, 3, 5);
      assertThat(Agreement.opaque(Agreement.of(graph(list().layer(pool)), images))).isEmpty();
      assertThat(Agreement.opaque(Agreement.of(graph(list().layer(pool)), series))).isEmpty();
      assertThat(Agreement.opaque(Agreement.of(graph(list().layer(partial)), images))).isEmpty();
      assertThat(Agreement.opaque(Agreement.of(graph(list().layer(kept)), images))).hasSize(1);
      assertThat(Agreement.opaque(check(CNN2DFormat.NCHW, kept))).isEmpty();
    }
  }

  private static Program check(CNN2DFormat format, Layer layer) {
    return check(format, layer, 9, 7);
  }

  private static Program check(CNN2DFormat format, Layer layer, long height, long width) {
    return Agreement.of(
        graph(
            list()
                .layer(new ConvolutionLayer.Builder(1, 1).nOut(4).build())
                .layer(layer)
                .layer(new ConvolutionLayer.Builder(1, 1).nOut(3).build())
                .setInputType(InputType.convolutional(height, width, 3, format))),
        Agreement.images(format, 2, 3, height, width));
  }

  static Stream<Layer> ofRows() {
    return Stream.of(
        new DenseLayer.Builder().nOut(4).activation(Activation.RELU).build(),
        new DenseLayer.Builder().nOut(4).hasBias(false).build(),
        new DenseLayer.Builder().nOut(4).hasLayerNorm(true).activation(Activation.TANH).build(),
        new DenseLayer.Builder().nOut(4).hasLayerNorm(true).hasBias(false).build(),
        new BatchNormalization.Builder().build(),
        new BatchNormalization.Builder().useLogStd(false).build(),
        new ElementWiseMultiplicationLayer.Builder().nOut(5).activation(Activation.ELU).build(),
        new PReLULayer.Builder().inputShape(5).build(),
        new ActivationLayer(Activation.SOFTMAX),
        new DropoutLayer(0.3));
  }

  @ParameterizedTest
  @MethodSource("ofRows")
  void readsLayersOfRows(Layer layer) {
    for (Layer variant :
        List.of(
            layer, new FrozenLayer(layer.clone()), new FrozenLayerWithBackprop(layer.clone()))) {
      Program program =
          Agreement.of(
              graph(
                  list()
                      .layer(new DenseLayer.Builder().nOut(5).build())
                      .layer(variant)
                      .layer(new DenseLayer.Builder().nOut(3).build())
                      .setInputType(InputType.feedForward(6))),
              Agreement.numbers(4, 6));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  static Stream<Layer> last() {
    return Stream.of(
        new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
        new OutputLayer.Builder()
            .nOut(3)
            .hasBias(false)
            .lossFunction(LossFunction.XENT)
            .activation(Activation.SIGMOID)
            .build(),
        new CenterLossOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
        new LossLayer.Builder().activation(Activation.SOFTMAX).build());
  }

  @ParameterizedTest
  @MethodSource("last")
  void readsLosses(Layer layer) {
    Program program =
        Agreement.of(
            graph(
                list()
                    .layer(new DenseLayer.Builder().nOut(5).build())
                    .layer(layer)
                    .setInputType(InputType.feedForward(6))),
            Agreement.numbers(4, 6));
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void readsLossesOfImages(CNN2DFormat format) {
    var softmax = new CnnLossLayer.Builder().activation(Activation.SOFTMAX).build();
    INDArray priors = Nd4j.create(new float[][] {{1, 2}, {3, 0.5f}});
    var yolo = new Yolo2OutputLayer.Builder().boundingBoxPriors(priors).build();
    for (Layer layer : List.of(softmax, yolo)) {
      Program program =
          Agreement.of(
              graph(
                  list()
                      .layer(new ConvolutionLayer.Builder(1, 1).nOut(14).build())
                      .layer(layer)
                      .setInputType(InputType.convolutional(4, 3, 2, format))),
              Agreement.images(format, 2, 2, 4, 3));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsLossesOfSeries(RNNFormat format) {
    var output = new RnnOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build();
    var loss = new RnnLossLayer.Builder().dataFormat(format).activation(Activation.SOFTMAX).build();
    for (Layer layer : List.of(output, loss)) {
      Program program =
          Agreement.of(
              graph(list().layer(layer).setInputType(InputType.recurrent(4, 5, format))),
              format == RNNFormat.NCW ? Agreement.numbers(2, 4, 5) : Agreement.numbers(2, 5, 4));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  static NeuralNetConfiguration.ListBuilder list() {
    return new NeuralNetConfiguration.Builder().activation(Activation.IDENTITY).list();
  }

  static ComputationGraph graph(NeuralNetConfiguration.ListBuilder list) {
    var network = new org.deeplearning4j.nn.multilayer.MultiLayerNetwork(list.build());
    network.init();
    return Agreement.filled(network.toComputationGraph());
  }
}
