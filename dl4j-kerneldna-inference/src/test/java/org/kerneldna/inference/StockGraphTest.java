package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.inference.onnx.OnnxModel;
import org.kerneldna.inference.onnx.OnnxRuntime;
import org.kerneldna.layers.KernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Graphs of DL4J's own layers. */
class StockGraphTest {

  @ParameterizedTest
  @EnumSource
  void ofTheUsualLayers(CNN2DFormat format) {
    assertCompiles(
        format,
        graph ->
            graph
                .addLayer("conv", conv(5).activation(Activation.RELU).build(), "in")
                .addLayer("pool", maxPool(), "conv")
                .addLayer("conv2", same(6).stride(1, 2).build(), "pool")
                .addLayer("norm", new BatchNormalization.Builder().build(), "conv2")
                .addLayer(
                    "locked",
                    new BatchNormalization.Builder()
                        .lockGammaBeta(true)
                        .gamma(2)
                        .beta(1)
                        .useLogStd(false)
                        .build(),
                    "norm")
                .addLayer("tanh", new ActivationLayer(Activation.TANH), "locked")
                .addLayer("drop", new DropoutLayer(0.5), "tanh")
                .addLayer("conv3", same(6).dilation(2, 1).build(), "drop")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv3", "tanh")
                .addLayer("relu6", new ActivationLayer(Activation.RELU6), "sum")
                .addLayer(
                    "dynamic",
                    new KernelDNAConvolution.Builder(3, 3)
                        .nOut(4)
                        .gate(2)
                        .activation(Activation.RELU)
                        .build(),
                    "relu6")
                .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "dynamic")
                .addLayer(
                    "dense",
                    new DenseLayer.Builder().nOut(8).activation(Activation.TANH).build(),
                    "mean"),
        "locked");
  }

  @ParameterizedTest
  @EnumSource
  void ofTheRarerLayers(CNN2DFormat format) {
    assertCompiles(
        format,
        graph ->
            graph
                .addLayer("conv", conv(4).activation(Activation.LEAKYRELU).build(), "in")
                .addLayer("plain", conv(4).build(), "in")
                .addVertex("merge", new MergeVertex(), "conv", "plain")
                .addLayer("depthwise", new DepthwiseConvolution2D.Builder(3, 3).build(), "merge")
                .addVertex("half", new ScaleVertex(0.5), "depthwise")
                .addLayer("norm", new BatchNormalization.Builder().build(), "half")
                .addLayer("max", new GlobalPoolingLayer(PoolingType.MAX), "norm")
                .addLayer(
                    "dense",
                    new DenseLayer.Builder().nOut(8).activation(Activation.SOFTSIGN).build(),
                    "max"));
  }

  @ParameterizedTest
  @EnumSource
  void thatFlattensItsImages(CNN2DFormat format) {
    assertCompiles(
        format,
        graph ->
            graph
                .addLayer("conv", conv(4).activation(Activation.RELU).build(), "in")
                .addLayer("dense", new DenseLayer.Builder().nOut(8).build(), "conv"));
  }

  /** DL4J's softmax goes over the last dimension, which of images is the width, or the channels. */
  @ParameterizedTest
  @EnumSource
  void withASoftmaxOfImages(CNN2DFormat format) {
    assertCompiles(
        format,
        graph ->
            graph
                .addLayer("conv", conv(4).activation(Activation.SOFTMAX).build(), "in")
                .addLayer("conv2", conv(4).build(), "conv")
                .addLayer("max", new GlobalPoolingLayer(PoolingType.AVG), "conv2")
                .addLayer("dense", new DenseLayer.Builder().nOut(8).build(), "max"));
  }

  /** Winograd's algorithm is for some paddings and endings, and asked for where it is to be had. */
  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"IDENTITY", "RELU", "RELU6", "TANH", "SIGMOID", "GELU", "SOFTPLUS", "LEAKYRELU"})
  void withConvolutionsOfSixteenChannels(Activation act) {
    for (int padding = 0; padding < 4; padding++) {
      int p = padding;
      assertCompiles(
          CNN2DFormat.NCHW,
          graph ->
              graph
                  .addLayer("first", conv(16).build(), "in")
                  .addLayer("conv", conv(16).padding(p, p).activation(act).build(), "first")
                  .addLayer(
                      "child",
                      new KernelDNAConvolution.Builder(3, 3)
                          .nOut(16)
                          .padding(1, 1)
                          .activation(act)
                          .build(),
                      "conv")
                  .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "child")
                  .addLayer(
                      "dense",
                      new DenseLayer.Builder().nOut(8).dist(new NormalDistribution(0, 2)).build(),
                      "mean"));
    }
  }

  @Test
  void withSumsThatBroadcast() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", conv(4).nIn(2).build(), "in")
                .addLayer(
                    "mean",
                    new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .collapseDimensions(false)
                        .build(),
                    "conv")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv", "mean")
                .addLayer("out", new CnnLossLayer.Builder().build(), "sum")
                .setOutputs("out")
                .build());
    graph.init();
    assertAgrees(graph, Nd4j.randn(DataType.FLOAT, 3, 2, 7, 6));
  }

  private static void assertAgrees(ComputationGraph graph, INDArray input) {
    INDArray expected = graph.outputSingle(input.dup());
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      INDArray actual = compiled.outputSingle(input);
      assertThat(actual.shape()).isEqualTo(expected.shape());
      assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
    }
  }

  /** Powers of tiny numbers are none that a float can hold. */
  @Test
  void withCubesOfTinyNumbers() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("cube", new ActivationLayer(Activation.CUBE), "in")
                .addLayer(
                    "norm",
                    new GlobalPoolingLayer.Builder(PoolingType.PNORM).pnorm(3).build(),
                    "cube")
                .setOutputs("cube", "norm")
                .build());
    graph.init();
    for (double size : new double[] {1e-20, 1e-8, 1}) {
      INDArray input = Nd4j.rand(DataType.FLOAT, 3, 2, 7, 6).addi(0.1).muli(size);
      INDArray cubes = Transforms.pow(input.castTo(DataType.DOUBLE), 3);
      try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
        INDArray[] actual = compiled.output(input);
        assertThat(actual[0].castTo(DataType.DOUBLE).sub(cubes).amaxNumber().doubleValue())
            .isLessThan(1e-6 * Math.pow(size, 3) + Float.MIN_NORMAL);
        if (size == 1) {
          INDArray norms = Transforms.pow(Transforms.pow(cubes, 3).sum(2, 3), 1.0 / 3);
          assertThat(actual[1].castTo(DataType.DOUBLE).sub(norms).amaxNumber().doubleValue())
              .isLessThan(1e-5);
        }
      }
    }
  }

  /** A pooling of sequences is none of images. */
  @Test
  void ofSequences() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3, 10))
                .addLayer("conv", new Convolution1DLayer.Builder(3).nOut(4).build(), "in")
                .addLayer("pool", new Subsampling1DLayer.Builder(2, 2).build(), "conv")
                .addLayer("mean", new GlobalPoolingLayer(PoolingType.AVG), "pool")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    "mean")
                .setOutputs("out")
                .build());
    graph.init();
    assertAgrees(graph, Nd4j.randn(DataType.FLOAT, 2, 3, 10));
  }

  private static void assertCompiles(
      CNN2DFormat format, Consumer<GraphBuilder> middle, String... left) {
    ComputationGraph graph = graph(format, middle);
    INDArray images =
        format == CNN2DFormat.NCHW
            ? Nd4j.randn(DataType.FLOAT, 3, 2, 11, 9)
            : Nd4j.randn(DataType.FLOAT, 3, 11, 9, 2);

    INDArray expected = graph.outputSingle(images);
    INDArray actual;
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      actual = compiled.outputSingle(images);
      assertThat(compiled.describe(images.shape()).leftToDl4j())
          .extracting(Description.Line::vertex)
          .containsExactly(left);
    }
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
    assertThat(expected.std(0).maxNumber().doubleValue()).isGreaterThan(1e-3);
  }

  private static ComputationGraph graph(CNN2DFormat format, Consumer<GraphBuilder> middle) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .activation(Activation.IDENTITY)
            .biasInit(0.1)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(11, 9, 2, format));
    middle.accept(builder);
    builder
        .addLayer(
            "out",
            new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
            "dense")
        .setOutputs("out");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    Nd4j.getRandom().setSeed(5);
    graph
        .paramTable()
        .forEach(
            (name, values) -> {
              if (name.matches(".*_(b|beta|mean)")) {
                values.addi(Nd4j.randn(DataType.FLOAT, values.shape()).muli(0.1));
              }
            });
    graph.getParam("out_W").muli(5);
    return graph;
  }

  private static ConvolutionLayer.Builder conv(int channels) {
    return new ConvolutionLayer.Builder(3, 3).nOut(channels).padding(1, 1);
  }

  private static ConvolutionLayer.Builder same(int channels) {
    return new ConvolutionLayer.Builder(3, 3).nOut(channels).convolutionMode(ConvolutionMode.Same);
  }

  private static SubsamplingLayer maxPool() {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
        .kernelSize(3, 3)
        .stride(2, 2)
        .padding(1, 1)
        .build();
  }

  @Test
  void withAnEmbedding() throws Exception {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .biasInit(0.1)
                .graphBuilder()
                .addInputs("word")
                .addLayer(
                    "embedding",
                    new EmbeddingLayer.Builder()
                        .nIn(10)
                        .nOut(6)
                        .hasBias(true)
                        .activation(Activation.TANH)
                        .build(),
                    "word")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nIn(6).nOut(3).activation(Activation.SOFTMAX).build(),
                    "embedding")
                .setOutputs("out")
                .build());
    graph.init();
    INDArray words = Nd4j.createFromArray(9f, 0, 4, 4, 7).reshape(5, 1);
    INDArray expected = graph.outputSingle(words);

    assertThat(GraphReader.read(graph).nodes())
        .extracting("operation")
        .doesNotHaveAnyElementsOfTypes(Opaque.class);
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      assertThat(compiled.outputSingle(words).sub(expected).amaxNumber().doubleValue())
          .isLessThan(1e-6);
      assertThatThrownBy(() -> compiled.outputSingle(Nd4j.createFromArray(10f).reshape(1, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("\"embedding\" has rows 0 to 9, got 10");
      assertThat(compiled.outputSingle(words).sub(expected).amaxNumber().doubleValue())
          .isLessThan(1e-6);
    }
    INDArray onnx = OnnxRuntime.run(OnnxModel.of(graph, true), words).get(0);
    assertThat(onnx.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-6);
  }
}
