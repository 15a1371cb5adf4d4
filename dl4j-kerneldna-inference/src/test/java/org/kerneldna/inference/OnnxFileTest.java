package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.inference.TestNetworks.images;
import static org.kerneldna.inference.TestNetworks.network;
import static org.kerneldna.inference.TestNetworks.stir;
import static org.kerneldna.inference.onnx.OnnxRuntime.dimensions;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.inference.onnx.OnnxRules;
import org.kerneldna.inference.onnx.OnnxRuntime;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ONNX files, run by ONNX Runtime, against the graphs that they were written from. */
class OnnxFileTest {

  @TempDir Path folder;

  static Stream<Arguments> networks() {
    return Arrays.stream(Architecture.values())
        .flatMap(a -> Stream.of(false, true).map(k -> Arguments.of(a, k)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void computesWhatTheGraphDoes(Architecture architecture, boolean customize) throws Exception {
    ComputationGraph graph = network(architecture, customize, CNN2DFormat.NCHW);
    for (boolean folded : new boolean[] {false, true}) {
      ModelProto model = written(graph, folded);
      OnnxRuntime.requireTaken(model);
      for (int batch : new int[] {1, 3}) {
        INDArray images = images(batch, CNN2DFormat.NCHW);
        assertAgree(run(model, images), graph.outputSingle(images));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void takesChannelsFirstWhateverTheGraphsLayout(Architecture architecture) throws Exception {
    ComputationGraph graph = network(architecture, true, CNN2DFormat.NHWC);
    INDArray images = images(2, CNN2DFormat.NHWC);
    INDArray channelsFirst = images.permute(0, 3, 1, 2);
    ModelProto model = written(graph, true);
    assertAgree(run(model, channelsFirst), graph.outputSingle(images));
    assertThat(dimensions(model.getGraph().getInput(0)).get(1)).isEqualTo("3");
    assertThat(operators(model)).doesNotContain("Transpose");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void writesStockLayers(boolean folded) throws Exception {
    ComputationGraph graph = stock();
    ModelProto model = written(graph, folded);
    OnnxRuntime.requireTaken(model);
    for (int batch : new int[] {1, 3}) {
      INDArray images = Nd4j.randn(DataType.FLOAT, batch, 2, 17, 20);
      assertAgree(run(model, images), graph.outputSingle(images));
    }
  }

  @Test
  void namesAreTheGraphs() throws Exception {
    ComputationGraph graph = stock();
    GraphProto unfolded = written(graph, false).getGraph();
    assertThat(unfolded.getNodeList())
        .extracting(NodeProto::getName)
        .contains("conv", "norm", "pool", "same", "mean", "dense", "class");
    assertThat(unfolded.getInputList()).extracting(ValueInfoProto::getName).containsOnly("image");
    assertThat(unfolded.getOutputList()).extracting(ValueInfoProto::getName).containsOnly("class");
    assertThat(dimensions(unfolded.getInput(0)))
        .containsExactly("N", "2", "image_height", "image_width");
    assertThat(dimensions(unfolded.getOutput(0))).containsExactly("N", "3");
  }

  @Test
  void foldingLeavesNoNormalisation() throws Exception {
    ComputationGraph graph = network(Architecture.MOBILENET_V2, false, CNN2DFormat.NCHW);
    assertThat(operators(written(graph, false))).contains("BatchNormalization");
    assertThat(operators(written(graph, true)))
        .contains("Conv", "Clip")
        .doesNotContain("BatchNormalization", "Mul");
  }

  @Test
  void statesWhatItIs() throws Exception {
    ModelProto model = written(network(Architecture.MOBILENET_V2, true, CNN2DFormat.NCHW), true);
    assertThat(model.getIrVersion()).isEqualTo(7);
    assertThat(model.getOpsetImportList())
        .singleElement()
        .satisfies(
            opset -> {
              assertThat(opset.getDomain()).isEmpty();
              assertThat(opset.getVersion()).isEqualTo(OnnxFile.OPSET);
            });
    assertThat(model.getProducerName()).isEqualTo("dl4j-kerneldna");
    assertThat(model.getGraph().getInitializerList())
        .noneMatch(tensor -> tensor.getRawData().isEmpty())
        .filteredOn(tensor -> tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE)
        .allMatch(tensor -> tensor.getDataType() == TensorProto.DataType.INT64_VALUE);
  }

  @Test
  void anOutputThatDoesNothingKeepsItsName() throws Exception {
    ComputationGraph graph =
        built(
            builder()
                .setInputTypes(InputType.convolutional(5, 5, 2))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "image")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer("last", new DropoutLayer(0.5), "norm")
                .setOutputs("last"));
    INDArray images = Nd4j.randn(DataType.FLOAT, 2, 2, 5, 5);
    ModelProto model = written(graph, true);
    assertAgree(run(model, images), graph.outputSingle(images));
    assertThat(dimensions(model.getGraph().getOutput(0)))
        .containsExactly("N", "4", "last_height", "last_width");
  }

  @Test
  void inputsMayBeNamedLikeWhatIsMadeOfThem() throws Exception {
    InputType type = InputType.convolutional(5, 4, 2, CNN2DFormat.NHWC);
    ComputationGraph graph =
        built(
            builder()
                .addInputs("image:nhwc")
                .setInputTypes(type, type)
                .addVertex(
                    "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "image", "image:nhwc")
                .addLayer("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).build(), "sum")
                .setOutputs("conv"));
    INDArray[] images = {
      Nd4j.randn(DataType.FLOAT, 2, 2, 5, 4), Nd4j.randn(DataType.FLOAT, 2, 2, 5, 4)
    };
    INDArray expected =
        graph.outputSingle(images[0].permute(0, 2, 3, 1), images[1].permute(0, 2, 3, 1));
    assertAgree(
        OnnxRuntime.run(written(graph, true, type, type), images).get(0),
        expected.permute(0, 3, 1, 2));
  }

  @Test
  void rowsAreNormalisedByColumn() throws Exception {
    ComputationGraph graph =
        built(
            builder()
                .setInputTypes(InputType.feedForward(3))
                .addLayer("norm", new BatchNormalization(), "image")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "norm")
                .setOutputs("relu"));
    INDArray rows = Nd4j.randn(DataType.FLOAT, 3, 3);
    ModelProto model = written(graph, true);
    assertAgree(run(model, rows), graph.outputSingle(rows));
    assertThat(dimensions(model.getGraph().getInput(0))).containsExactly("N", "3");
  }

  @Test
  void severalInputsAndOutputs() throws Exception {
    ComputationGraph graph =
        built(
            builder()
                .addInputs("other")
                .setInputTypes(InputType.convolutional(6, 6, 2), InputType.convolutional(6, 6, 4))
                .addLayer("conv", convolution(3, 1), "image")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv", "other")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "sum")
                .addLayer("mean", mean(), "relu")
                .setOutputs("mean", "relu"));
    INDArray[] inputs = {
      Nd4j.randn(DataType.FLOAT, 2, 2, 6, 6), Nd4j.randn(DataType.FLOAT, 2, 4, 6, 6)
    };
    INDArray[] expected = graph.output(inputs);
    List<INDArray> actual = OnnxRuntime.run(written(graph, true), inputs);
    for (int i = 0; i < expected.length; i++) {
      assertAgree(actual.get(i), expected[i]);
    }
  }

  @Test
  void takesSizesFromTypes() throws Exception {
    ComputationGraph graph = stock();
    GraphProto model = written(graph, true, InputType.convolutional(17, 20, 2)).getGraph();
    assertThat(dimensions(model.getInput(0))).containsExactly("N", "2", "17", "20");
    assertThat(dimensions(model.getOutput(0))).containsExactly("N", "3");
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void fixedSizesReachImagesThatAreOutputs(CNN2DFormat format) throws Exception {
    ComputationGraph graph =
        built(
            builder()
                .setInputTypes(InputType.convolutional(9, 7, 2, format))
                .addLayer("relu", new ActivationLayer(Activation.RELU), "image")
                .addLayer("conv", convolution(3, 2), "relu")
                .setOutputs("conv"));
    INDArray images = Nd4j.randn(DataType.FLOAT, 3, 2, 9, 7);
    boolean last = format == CNN2DFormat.NHWC;
    INDArray given = last ? images.permute(0, 2, 3, 1) : images;
    INDArray expected = graph.outputSingle(given);
    for (InputType[] types : new InputType[][] {{}, {InputType.convolutional(9, 7, 2, format)}}) {
      ModelProto model = written(graph, true, types);
      assertAgree(run(model, images), last ? expected.permute(0, 3, 1, 2) : expected);
      boolean fixed = types.length == 1;
      assertThat(dimensions(model.getGraph().getInput(0)))
          .containsExactly("N", "2", fixed ? "9" : "image_height", fixed ? "7" : "image_width");
      assertThat(dimensions(model.getGraph().getOutput(0)))
          .containsExactly("N", "4", fixed ? "5" : "conv_height", fixed ? "4" : "conv_width");
    }
  }

  @Test
  void typesThatDoNotFitAreRefused() {
    ComputationGraph graph = stock();
    Path file = folder.resolve("refused.onnx");
    assertThatThrownBy(() -> OnnxFile.write(graph, file, true, InputType.convolutional(9, 9, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"conv\" takes 2 channels, got shape [?, 3, 9, 9]");
    InputType images = InputType.convolutional(17, 20, 2);
    assertThatThrownBy(() -> OnnxFile.write(graph, file, true, images, images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The network has 1 inputs, got 2 types: give one for each, or none");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void frozenNetworksAreWrittenAsOthersAre(CNN2DFormat format) throws Exception {
    ComputationGraph graph = network(Architecture.RESNET18, true, format);
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph.clone()).setFeatureExtractor("avgpool").build();
    assertThat(written(frozen, false)).isEqualTo(written(graph, false));
  }

  @Test
  void twoFilesOfAGraphAreTheSame() throws Exception {
    ComputationGraph graph = network(Architecture.MOBILENET_V2, true, CNN2DFormat.NHWC);
    ComputationGraph other = network(Architecture.MOBILENET_V2, true, CNN2DFormat.NHWC);
    assertThat(written(graph, true).toByteArray()).isEqualTo(written(other, true).toByteArray());
  }

  @Test
  void dilatedKernelsKeepTheirSize() throws Exception {
    ComputationGraph graph =
        built(
            builder()
                .setInputTypes(InputType.convolutional(11, 9, 2))
                .addLayer(
                    "conv",
                    new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .dilation(2, 2)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                    "image")
                .setOutputs("conv"));
    INDArray images = Nd4j.randn(DataType.FLOAT, 2, 2, 11, 9);
    ModelProto model = written(graph, true);
    assertAgree(run(model, images), graph.outputSingle(images));
    assertThat(model.getGraph().getInitializer(0).getDimsList()).containsExactly(4L, 2L, 3L, 3L);
  }

  /** What files were refused for once. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void writesWhatIsFlattenedMultipliedOrASoftmaxOfImages(CNN2DFormat format) throws Exception {
    InputType type = InputType.convolutional(6, 5, 2, format);
    ComputationGraph graph =
        built(
            builder()
                .setInputTypes(type)
                .addLayer("a", convolution(3, 1), "image")
                .addLayer("b", convolution(3, 1), "image")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "b")
                .addLayer("soft", new ActivationLayer(Activation.SOFTMAX), "product")
                .addLayer("dense", new DenseLayer.Builder().nOut(3).build(), "soft")
                .setOutputs("soft", "dense"));
    boolean last = format == CNN2DFormat.NHWC;
    INDArray images = Nd4j.randn(DataType.FLOAT, 2, 2, 6, 5);
    INDArray[] expected = graph.output(last ? images.permute(0, 2, 3, 1) : images);
    for (InputType[] types : new InputType[][] {{}, {type}}) {
      List<INDArray> actual = OnnxRuntime.run(written(graph, true, types), images);
      assertAgree(actual.get(0), last ? expected[0].permute(0, 3, 1, 2) : expected[0]);
      assertAgree(actual.get(1), expected[1]);
    }
  }

  @Test
  void aVertexWithoutAFormIsNamed() {
    InputType images = InputType.convolutional(6, 6, 2);
    assertRefused(
        builder()
            .setInputTypes(images)
            .addLayer(
                "local", new LocallyConnected2D.Builder().kernelSize(3, 3).nOut(2).build(), "image")
            .setOutputs("local"),
        "Vertex \"local\" is LocallyConnected2D,");
    assertRefused(
        builder()
            .setInputTypes(InputType.recurrent(2))
            .addLayer("lstm", new FrozenLayer(new LSTM.Builder().nOut(3).build()), "image")
            .addLayer(
                "out",
                new RnnOutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
                "lstm")
            .setOutputs("out"),
        "Vertex \"lstm\" is LSTM,");
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNothing() throws IOException {
    Path file = folder.resolve("taken");
    Files.createDirectories(file.resolve("something"));
    assertThatThrownBy(() -> OnnxFile.write(stock(), file, true)).isInstanceOf(IOException.class);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  private void assertRefused(GraphBuilder builder, String message) {
    Path file = folder.resolve("refused.onnx");
    assertThatThrownBy(() -> OnnxFile.write(built(builder), file, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("cannot be written as ONNX: give ");
    assertThat(folder).isEmptyDirectory();
  }

  private static GraphBuilder builder() {
    return new NeuralNetConfiguration.Builder()
        .seed(3)
        .activation(Activation.IDENTITY)
        .graphBuilder()
        .addInputs("image");
  }

  /** DL4J's own layers: padding of both kinds, and a maximum over negative numbers at the edge. */
  private static ComputationGraph stock() {
    return built(
        builder()
            .setInputTypes(InputType.convolutional(17, 20, 2))
            .addLayer(
                "conv",
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(6)
                    .hasBias(true)
                    .activation(Activation.RELU6)
                    .build(),
                "image")
            .addLayer("norm", new BatchNormalization(), "conv")
            .addLayer(
                "pool",
                new SubsamplingLayer.Builder(PoolingType.MAX)
                    .kernelSize(3, 3)
                    .stride(2, 2)
                    .padding(1, 1)
                    .build(),
                "norm")
            .addLayer("same", convolution(2, 2), "pool")
            .addLayer("mean", mean(), "same")
            .addLayer(
                "dense",
                new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build(),
                "mean")
            .addLayer("rows", new BatchNormalization(), "dense")
            .addLayer(
                "class",
                new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                "rows")
            .setOutputs("class"));
  }

  /** To four channels, padded as much as it takes. */
  private static ConvolutionLayer convolution(int kernel, int stride) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nOut(4)
        .stride(stride, stride)
        .convolutionMode(ConvolutionMode.Same)
        .build();
  }

  private static GlobalPoolingLayer mean() {
    return new GlobalPoolingLayer(PoolingType.AVG);
  }

  private static ComputationGraph built(GraphBuilder builder) {
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    stir(graph);
    return graph;
  }

  private ModelProto written(ComputationGraph graph, boolean folded, InputType... types)
      throws IOException {
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(graph, file, folded, types);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    OnnxRules.require(model.getGraph());
    return model;
  }

  private static List<String> operators(ModelProto model) {
    return model.getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
  }

  private static INDArray run(ModelProto model, INDArray input) throws OrtException {
    return OnnxRuntime.run(model, input).get(0);
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isCloseTo(0, within(1e-5));
    // Else anything would agree.
    assertThat(expected.maxNumber().doubleValue()).isGreaterThan(0.2);
  }
}
