package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.inference.TestNetworks.images;
import static org.kerneldna.inference.TestNetworks.network;
import static org.kerneldna.inference.TestNetworks.stir;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.layers.Views;
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
      Path file = write(graph, folded);
      for (int batch : new int[] {1, 3}) {
        INDArray images = images(batch, CNN2DFormat.NCHW);
        assertAgree(run(file, graph, images), graph.outputSingle(images));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void takesChannelsFirstWhateverTheGraphsLayout(Architecture architecture) throws Exception {
    ComputationGraph graph = network(architecture, true, CNN2DFormat.NHWC);
    INDArray images = images(2, CNN2DFormat.NHWC);
    INDArray channelsFirst = images.permute(0, 3, 1, 2);
    assertAgree(run(write(graph, true), graph, channelsFirst), graph.outputSingle(images));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void writesStockLayers(boolean folded) throws Exception {
    ComputationGraph graph = stock();
    Path file = write(graph, folded);
    for (int batch : new int[] {1, 3}) {
      INDArray images = Nd4j.randn(DataType.FLOAT, batch, 2, 17, 20);
      assertAgree(run(file, graph, images), graph.outputSingle(images));
    }
  }

  @ParameterizedTest
  @EnumSource
  void initialisersAreWrittenInOrder(Views view) throws Exception {
    INDArray values = view.of(Nd4j.randn(DataType.FLOAT, 2, 3, 4, 5));
    OnnxGraph graph = new OnnxGraph();
    graph.tensor("kernel", values, values.shape());
    float[] written = new float[(int) values.length()];
    graph
        .build()
        .getInitializer(0)
        .getRawData()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(written);
    assertThat(written).containsExactly(Views.dense(values).data().asFloat());
  }

  @Test
  void namesAreTheGraphs() throws Exception {
    ComputationGraph graph = stock();
    GraphProto unfolded = read(write(graph, false)).getGraph();
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
    assertThat(operators(write(graph, false))).contains("Mul");
    assertThat(operators(write(graph, true))).contains("Conv", "Clip").doesNotContain("Mul");
  }

  @Test
  void statesWhatItIs() throws Exception {
    ModelProto model =
        read(write(network(Architecture.MOBILENET_V2, true, CNN2DFormat.NCHW), true));
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
        .allMatch(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE)
        .noneMatch(tensor -> tensor.getRawData().isEmpty());
    Set<String> names = new HashSet<>();
    assertThat(model.getGraph().getInitializerList()).allMatch(t -> names.add(t.getName()));
    assertThat(model.getGraph().getNodeList()).allMatch(n -> names.add(n.getOutput(0)));
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
    Path file = write(graph, true);
    assertAgree(run(file, graph, images), graph.outputSingle(images));
    assertThat(dimensions(read(file).getGraph().getOutput(0)))
        .containsExactly("N", "4", "last_height", "last_width");
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
    Path file = write(graph, true);
    assertAgree(run(file, graph, rows), graph.outputSingle(rows));
    assertThat(dimensions(read(file).getGraph().getInput(0))).containsExactly("N", "3");
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
    List<INDArray> actual = runAll(write(graph, true), graph, inputs);
    for (int i = 0; i < expected.length; i++) {
      assertAgree(actual.get(i), expected[i]);
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
            .setInputTypes(images)
            .addLayer("a", convolution(3, 1), "image")
            .addLayer("b", convolution(3, 1), "image")
            .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "b")
            .setOutputs("product"),
        "Vertex \"product\" is ElementWiseVertex,");
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
    assertRefused(
        builder()
            .setInputTypes(images)
            .addLayer("dense", new DenseLayer.Builder().nOut(3).build(), "image")
            .setOutputs("dense"),
        "Vertex \"dense\" is DenseLayer after a CnnToFeedForwardPreProcessor,");
    assertRefused(
        builder()
            .setInputTypes(images)
            .addLayer("conv", convolution(3, 1), "image")
            .addLayer("soft", new ActivationLayer(Activation.SOFTMAX), "conv")
            .setOutputs("soft"),
        "Vertex \"soft\" is a softmax of images,");
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

  private Path write(ComputationGraph graph, boolean folded) throws IOException {
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(graph, file, folded);
    return file;
  }

  private static ModelProto read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ModelProto.parseFrom(in);
    }
  }

  private static List<String> operators(Path file) throws IOException {
    return read(file).getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
  }

  private static List<String> dimensions(ValueInfoProto value) {
    return value.getType().getTensorType().getShape().getDimList().stream()
        .map(d -> d.hasDimParam() ? d.getDimParam() : String.valueOf(d.getDimValue()))
        .toList();
  }

  private static INDArray run(Path file, ComputationGraph graph, INDArray input)
      throws OrtException {
    return runAll(file, graph, input).get(0);
  }

  /** The outputs, in the graph's order and by its names. */
  private static List<INDArray> runAll(Path file, ComputationGraph graph, INDArray... inputs)
      throws OrtException {
    OrtEnvironment runtime = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> tensors = new HashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      FloatBuffer values = FloatBuffer.wrap(inputs[i].dup('c').data().asFloat());
      tensors.put(
          graph.getConfiguration().getNetworkInputs().get(i),
          OnnxTensor.createTensor(runtime, values, inputs[i].shape()));
    }
    try (OrtSession session = runtime.createSession(file.toString(), oneThread());
        OrtSession.Result result = session.run(tensors)) {
      return graph.getConfiguration().getNetworkOutputs().stream()
          .map(name -> array(result.get(name).orElseThrow()))
          .toList();
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** Options that leave the other cores to the tests' neighbours. */
  private static OrtSession.SessionOptions oneThread() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    return options;
  }

  private static INDArray array(OnnxValue value) {
    OnnxTensor tensor = (OnnxTensor) value;
    float[] values = new float[tensor.getFloatBuffer().remaining()];
    tensor.getFloatBuffer().get(values);
    return Nd4j.create(values, tensor.getInfo().getShape(), 'c');
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isCloseTo(0, within(1e-5));
    // Else anything would agree.
    assertThat(expected.maxNumber().doubleValue()).isGreaterThan(0.2);
  }
}
