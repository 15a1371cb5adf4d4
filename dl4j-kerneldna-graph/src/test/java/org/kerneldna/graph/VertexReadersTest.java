package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.nd4j.linalg.activations.Activation;

/** DL4J's vertices and preprocessors, on what convolutions and linear layers give. */
class VertexReadersTest {

  static Stream<Arguments> ofImages() {
    return Stream.of(CNN2DFormat.values())
        .flatMap(
            format ->
                Stream.concat(
                    Stream.of(ElementWiseVertex.Op.values())
                        .flatMap(
                            op ->
                                Stream.of(
                                    Arguments.of(format, new ElementWiseVertex(op), 2),
                                    Arguments.of(format, new ElementWiseVertex(op), 1),
                                    Arguments.of(
                                        format,
                                        new ElementWiseVertex(op),
                                        op == ElementWiseVertex.Op.Subtract ? 2 : 3))),
                    Stream.of(
                        Arguments.of(format, new MergeVertex(), 3),
                        Arguments.of(format, new MergeVertex(), 1),
                        Arguments.of(format, new StackVertex(), 2),
                        Arguments.of(format, new UnstackVertex(1, 2), 1),
                        Arguments.of(format, new SubsetVertex(1, 2), 1),
                        Arguments.of(format, new PoolHelperVertex(), 1),
                        Arguments.of(format, new ScaleVertex(0.3), 1),
                        Arguments.of(format, new ShiftVertex(-0.7), 1),
                        Arguments.of(format, new L2NormalizeVertex(), 1),
                        Arguments.of(format, new L2NormalizeVertex(new int[] {1, 2, 3}, 1e-6), 1),
                        Arguments.of(format, new L2Vertex(), 2),
                        Arguments.of(format, new ReshapeVertex(-1, 8, 35), 1))));
  }

  @ParameterizedTest
  @MethodSource("ofImages")
  void readsVerticesOfImages(CNN2DFormat format, GraphVertex vertex, int inputs) {
    Program program =
        Agreement.of(onImages(format, vertex, inputs), Agreement.images(format, 4, 3, 7, 5));
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  private static ComputationGraph onImages(CNN2DFormat format, GraphVertex vertex, int inputs) {
    GraphBuilder builder =
        graph().addInputs("in").setInputTypes(InputType.convolutional(7, 5, 3, format));
    String[] before = new String[inputs];
    for (int i = 0; i < inputs; i++) {
      before[i] = "conv" + i;
      builder.addLayer(before[i], new ConvolutionLayer.Builder(1, 1).nOut(8).build(), "in");
    }
    return Agreement.filled(
        new ComputationGraph(builder.addVertex("v", vertex, before).setOutputs("v").build()));
  }

  static Stream<Arguments> ofRows() {
    return Stream.of(
        Arguments.of(new MergeVertex(), 2),
        Arguments.of(new StackVertex(), 2),
        Arguments.of(new UnstackVertex(0, 2), 1),
        Arguments.of(new SubsetVertex(1, 3), 1),
        Arguments.of(new ScaleVertex(0.3), 1),
        Arguments.of(new L2NormalizeVertex(), 1),
        Arguments.of(new L2NormalizeVertex(new int[] {1}, 0.5), 1),
        Arguments.of(new L2Vertex(), 2),
        Arguments.of(new ReshapeVertex(-1, 2, 4), 1),
        Arguments.of(new ElementWiseVertex(ElementWiseVertex.Op.Average), 3));
  }

  @ParameterizedTest
  @MethodSource("ofRows")
  void readsVerticesOfRows(GraphVertex vertex, int inputs) {
    GraphBuilder builder = graph().addInputs("in").setInputTypes(InputType.feedForward(3));
    String[] before = new String[inputs];
    for (int i = 0; i < inputs; i++) {
      before[i] = "dense" + i;
      builder.addLayer(before[i], new DenseLayer.Builder().nOut(8).build(), "in");
    }
    builder.addVertex("v", vertex, before).setOutputs("v");
    Program program =
        Agreement.of(
            Agreement.filled(new ComputationGraph(builder.build())), Agreement.numbers(4, 3));
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void readsBroadcasts(CNN2DFormat format) {
    for (ElementWiseVertex.Op op : ElementWiseVertex.Op.values()) {
      var conv = new ConvolutionLayer.Builder(1, 1).nIn(3).nOut(4).dataFormat(format).build();
      var builder =
          graph()
              .addInputs("in", "one")
              .addLayer("a", conv, "in")
              .addLayer("b", conv.clone(), "one")
              .addVertex("v", new ElementWiseVertex(op), "b", "a")
              .setOutputs("v");
      Program program =
          Agreement.of(
              Agreement.filled(new ComputationGraph(builder.build())),
              Agreement.images(format, 2, 3, 7, 5),
              Agreement.images(format, 2, 3, 1, 1));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsWhatAnActivationLayerReads(CNN2DFormat format) {
    var builder =
        graph()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(7, 5, 3, format))
            .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
            .addLayer("relu", new ActivationLayer(Activation.RELU), "a")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "relu", "a")
            .setOutputs("sum", "relu");
    Agreement.of(
        Agreement.filled(new ComputationGraph(builder.build())),
        Agreement.images(format, 2, 3, 7, 5));
  }

  @ParameterizedTest
  @EnumSource
  void readsPreprocessors(CNN2DFormat format) {
    var toRows = new CnnToFeedForwardPreProcessor(7, 5, 8, format);
    var toImages = new FeedForwardToCnnPreProcessor(5, 7, 8);
    for (var preProcessor : List.of(toRows, new ComposableInputPreProcessor(toRows, toImages))) {
      Program program =
          Agreement.of(
              onImages(format, new PreprocessorVertex(preProcessor), 1),
              Agreement.images(format, 4, 3, 7, 5));
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  @Test
  void readsRowsAsImages() {
    var builder =
        graph()
            .addInputs("in")
            .setInputTypes(InputType.convolutionalFlat(5, 4, 2))
            .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(3).build(), "in")
            .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "conv")
            .setOutputs("out");
    Program program =
        Agreement.of(
            Agreement.filled(new ComputationGraph(builder.build())), Agreement.numbers(3, 40));
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  @Test
  void givesDl4jWhatItReadsOfSeries() {
    var builder =
        graph()
            .addInputs("series", "row")
            .setInputTypes(InputType.recurrent(3, 6), InputType.feedForward(4))
            .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "series")
            .addVertex("last", new LastTimeStepVertex("series"), "lstm")
            .addLayer("dense", new DenseLayer.Builder().nOut(5).build(), "row")
            .addVertex("both", new ElementWiseVertex(ElementWiseVertex.Op.Add), "last", "dense")
            .addVertex("steps", new DuplicateToTimeSeriesVertex("series"), "both")
            .addVertex("merged", new MergeVertex(), "steps", "lstm")
            // A layer of rows on series: DL4J takes the batch of the network for the way back.
            .addLayer("perStep", new DenseLayer.Builder().nOut(4).build(), "merged")
            .addLayer("lstm2", new LSTM.Builder().nOut(4).build(), "perStep")
            .addLayer(
                "out",
                new RnnOutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
                "lstm2")
            .setOutputs("out", "last");
    Program program =
        Agreement.of(
            Agreement.filled(new ComputationGraph(builder.build())),
            Agreement.numbers(2, 3, 6),
            Agreement.numbers(2, 4));
    assertThat(Agreement.opaque(program))
        .isEqualTo(
            List.of(
                "LSTM", "RnnToFeedForwardPreProcessor", "FeedForwardToRnnPreProcessor", "LSTM"));
  }

  @ParameterizedTest
  @EnumSource
  void readsFrozenGraphs(CNN2DFormat format) {
    var builder =
        graph()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(7, 5, 3, format))
            .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
            .addLayer("norm", new BatchNormalization(), "a")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "a")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "sum")
            .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "pool")
            .setOutputs("out");
    ComputationGraph graph = Agreement.filled(new ComputationGraph(builder.build()));
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph)
            .fineTuneConfiguration(new FineTuneConfiguration.Builder().build())
            .setFeatureExtractor("sum")
            .build();
    Program program = Agreement.of(frozen, Agreement.images(format, 2, 3, 7, 5));
    assertThat(Agreement.opaque(program)).isEmpty();
    Node norm = program.byName().get("norm");
    assertThat(((BatchNorm) norm.operation()).frozen()).isTrue();
    assertThat(role(program, "a:W")).isEqualTo(Role.FROZEN);
    assertThat(role(program, "norm:mean")).isEqualTo(Role.STATISTIC);
    assertThat(role(program, "out:W")).isEqualTo(Role.LEARNED);
  }

  private static Role role(Program program, String name) {
    return ((Parameter) program.byName().get(name).operation()).role();
  }

  private static GraphBuilder graph() {
    return new NeuralNetConfiguration.Builder().activation(Activation.IDENTITY).graphBuilder();
  }
}
