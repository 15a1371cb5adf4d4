package org.kerneldna.inference;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.inference.TestNetworks.images;
import static org.kerneldna.inference.TestNetworks.network;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.read.GraphReader;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.inference.onednn.OneDnn;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.Views;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compiled networks against the graphs that they were compiled from. */
class CompiledNetworkTest {

  @BeforeAll
  static void hasOneDnn() {
    assertThat(OneDnn.isAvailable()).isTrue();
  }

  static Stream<Arguments> networks() {
    return Arrays.stream(Architecture.values())
        .flatMap(
            a ->
                Stream.of(false, true)
                    .flatMap(k -> Stream.of(CNN2DFormat.values()).map(f -> Arguments.of(a, k, f))));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void computesWhatTheGraphDoes(Architecture architecture, boolean customize, CNN2DFormat format) {
    ComputationGraph graph = network(architecture, customize, format);
    assertNothingIsLeft(graph);
    CompiledNetwork compiled = CompiledNetwork.of(graph);
    for (int batch : new int[] {3, 1, 3}) {
      INDArray images = images(batch, format);
      INDArray before = images.dup();
      assertAgree(compiled.outputSingle(images), graph.outputSingle(images));
      assertThat(images).isEqualTo(before);
    }
  }

  /**
   * To the bit, in one piece and in parts, of any type; also where ND4J says that nothing is odd.
   */
  @ParameterizedTest
  @EnumSource
  void takesImagesHoweverTheyLie(Views view) {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      ComputationGraph graph = network(Architecture.MOBILENET_V2, true, format);
      for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.HALF}) {
        INDArray images = view.of(images(3, format).castTo(type));
        INDArray dense = Views.dense(images);
        for (long cache : new long[] {0, Long.MAX_VALUE}) {
          CompiledNetwork compiled = new CompiledNetwork(graph, cache);
          // ND4J's equality would let 1e-5 pass.
          float[] expected = compiled.outputSingle(dense).data().asFloat();
          assertThat(compiled.outputSingle(images).data().asFloat()).containsExactly(expected);
        }
      }
    }
  }

  /** Into single images, and into parts that are not all of one size. */
  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void cutsBatchesThatTheCacheDoesNotHold(CNN2DFormat format) {
    ComputationGraph graph = network(Architecture.MOBILENET_V2, true, format);
    INDArray images = images(5, format);
    INDArray expected = graph.outputSingle(images);
    for (long cache : new long[] {0, 1 << 20}) {
      assertAgree(new CompiledNetwork(graph, cache).outputSingle(images), expected);
    }
  }

  /** Transfer learning wraps layers, and vertices without one, each in its own way. */
  @ParameterizedTest
  @EnumSource
  void computesWhatAFrozenGraphDoes(CNN2DFormat format) {
    ComputationGraph graph = network(Architecture.RESNET18, true, format);
    String last = graph.getConfiguration().getVertexInputs().get("output").get(0);
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph).setFeatureExtractor(last).build();
    assertNothingIsLeft(frozen);
    INDArray images = images(2, format);
    assertAgree(CompiledNetwork.of(frozen).outputSingle(images), graph.outputSingle(images));
  }

  /** Convolutions as many as there are, and nothing else but what cannot be a part of one. */
  @Test
  void leavesConvolutionsAndGates() {
    assertOperations(
        Architecture.RESNET18,
        false,
        Map.of("Convolution", 20L, "Pool", 1L, "Reduce", 1L, "Linear", 1L, "Softmax", 1L));
    Map<String, Long> gates = Map.of("Reduce", 7L, "Linear", 13L, "Arithmetic", 6L);
    assertOperations(
        Architecture.RESNET18,
        true,
        with(gates, Map.of("Convolution", 24L, "Pool", 1L, "Softmax", 1L)));
    gates = Map.of("Reduce", 11L, "Linear", 21L, "Arithmetic", 10L);
    assertOperations(
        Architecture.MOBILENET_V2, true, with(gates, Map.of("Convolution", 52L, "Softmax", 1L)));
    // Its last images are of 1x1: nothing is left to reduce.
    assertOperations(
        Architecture.CONVNEXT_TINY,
        false,
        Map.of("Convolution", 58L, "LayerNorm", 23L, "Linear", 1L, "Softmax", 1L));
  }

  private static Map<String, Long> with(Map<String, Long> some, Map<String, Long> more) {
    Map<String, Long> all = new HashMap<>(some);
    all.putAll(more);
    return all;
  }

  private static void assertOperations(
      Architecture architecture, boolean customize, Map<String, Long> expected) {
    ComputationGraph graph = network(architecture, customize, CNN2DFormat.NCHW);
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      Description description = compiled.describe(images(2, CNN2DFormat.NCHW).shape());
      assertThat(
              description.lines().stream()
                  .filter(line -> !line.primitive().equals("reorder") || isProduct(line))
                  .collect(groupingBy(line -> line.operation().split(" ")[0], counting())))
          .isEqualTo(expected);
    }
  }

  /** Gates multiply as they copy. */
  private static boolean isProduct(Description.Line line) {
    return line.operation().startsWith("Arithmetic multiply");
  }

  @Test
  void reusesMemory() {
    ComputationGraph graph = network(Architecture.MOBILENET_V2, false, CNN2DFormat.NCHW);
    INDArray images = images(2, CNN2DFormat.NCHW);
    long largest =
        graph.feedForward(images, false).values().stream()
            .mapToLong(value -> value.length() * Float.BYTES)
            .max()
            .orElseThrow();
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      compiled.outputSingle(images);
      // What one convolution reads and what it writes.
      assertThat(compiled.executable().bytesOfPlans()).isLessThan(2 * largest);
    }
  }

  private static void assertNothingIsLeft(ComputationGraph graph) {
    assertThat(
            GraphReader.read(graph).nodes().stream().filter(n -> n.operation() instanceof Opaque))
        .isEmpty();
  }

  @Test
  void saysWhatItTakes() {
    CompiledNetwork compiled =
        CompiledNetwork.of(network(Architecture.RESNET18, false, CNN2DFormat.NCHW));
    assertThatThrownBy(
            () -> compiled.output(Nd4j.zeros(1, 4, TestNetworks.SIZE, TestNetworks.SIZE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"conv1\" takes 3 channels, got shape [1, 4, 40, 40]");
    assertThatThrownBy(compiled::output)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[input], got 0");
  }

  /** Of another size than the network was made for. */
  @Test
  void refusesImagesThatAreSmallerThanAKernel() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .addLayer(
                    "conv",
                    new Convolution.Builder(2, 2)
                        .stride(2, 2)
                        .nOut(8)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "in")
                .setOutputs("conv")
                .build());
    graph.init();
    CompiledNetwork compiled = CompiledNetwork.of(graph);
    assertThatThrownBy(() -> compiled.outputSingle(Nd4j.ones(1, 3, 1, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\"conv\" has a kernel of 2x2, which is larger than its padded input of shape"
                + " [1, 3, 1, 1]");
  }

  @Test
  void servesThreadsAtOnce() throws Exception {
    ComputationGraph graph = network(Architecture.RESNET18, true, CNN2DFormat.NCHW);
    CompiledNetwork compiled = CompiledNetwork.of(graph);
    List<INDArray> inputs =
        IntStream.range(0, 24).mapToObj(i -> images(1 + i % 3, CNN2DFormat.NCHW)).toList();
    List<INDArray> expected = inputs.stream().map(graph::outputSingle).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<INDArray>> outputs =
          inputs.stream().map(x -> threads.submit(() -> compiled.outputSingle(x))).toList();
      for (int i = 0; i < outputs.size(); i++) {
        assertAgree(outputs.get(i).get(), expected.get(i));
      }
    } finally {
      threads.shutdown();
    }
  }

  private static void assertAgree(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
    // Else anything would agree.
    assertThat(expected.maxNumber().doubleValue()).isGreaterThan(0.2);
  }
}
