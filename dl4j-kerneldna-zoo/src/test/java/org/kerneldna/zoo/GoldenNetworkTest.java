package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.zoo.Agreement.assertAgrees;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.count.Complexity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The networks at full size against the reference. */
class GoldenNetworkTest {

  static Stream<GoldenCase> networks() {
    return GoldenCase.all("models");
  }

  static Stream<Arguments> networksInBothFormats() {
    return networks()
        .flatMap(
            golden -> Stream.of(CNN2DFormat.values()).map(format -> Arguments.of(golden, format)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void hasTheReferencesStateDict(GoldenCase golden) {
    GoldenBlockTest.assertStateDict(network(golden, CNN2DFormat.NCHW).stateDict(), golden);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void hasTheReferencesSize(GoldenCase golden) {
    ZooNetwork network = network(golden, CNN2DFormat.NCHW);
    assertThat(Complexity.of(network.conf(), network.inputType()))
        .isEqualTo(
            new Complexity(
                golden.json().get("parameters").asLong(), golden.json().get("macs").asLong()));
  }

  @ParameterizedTest
  @MethodSource("networksInBothFormats")
  void computesTheReferencesLogits(GoldenCase golden, CNN2DFormat format) {
    ZooNetwork network = network(golden, format);
    ComputationGraph graph = network.init();
    FillingRule.fill(graph, network.stateDict());
    JsonNode input = golden.json().get("input");
    INDArray images =
        FillingRule.input(input.get("name").asText(), GoldenCase.longs(input.get("shape")));

    Map<String, INDArray> activations =
        graph.feedForward(
            format == CNN2DFormat.NCHW ? images : images.permute(0, 2, 3, 1).dup('c'), false);

    assertStages(graph, activations, golden.json().get("stages"));
    String logits = graph.getConfiguration().getVertexInputs().get(ZooNetwork.OUTPUT).get(0);
    assertAgrees(activations.get(logits), golden.tensor("logits"), 1e-7, 1e-5);
    INDArray sums = activations.get(ZooNetwork.OUTPUT).sum(1);
    assertThat(sums.sub(1).amaxNumber().doubleValue()).isLessThan(1e-5);
  }

  /** Compares each stage by its last vertex; a stage without any hands on what it got. */
  private static void assertStages(
      ComputationGraph graph, Map<String, INDArray> activations, JsonNode stages) {
    List<String> order =
        Arrays.stream(graph.topologicalSortOrder())
            .mapToObj(i -> graph.getVertices()[i].getVertexName())
            .toList();
    String last = ZooNetwork.INPUT;
    for (JsonNode stage : stages) {
      String name = stage.get("stage").asText();
      last =
          order.stream()
              .filter(vertex -> vertex.equals(name) || vertex.startsWith(name + "."))
              .reduce((earlier, later) -> later)
              .orElse(last);
      // DL4J's inference computes the first ReLU in the place of bn1's output.
      if (!name.equals("bn1")) {
        assertStage(activations.get(last), stage);
      }
    }
  }

  private static void assertStage(INDArray x, JsonNode stage) {
    String name = stage.get("stage").asText();
    double max = stage.get("abs_max").asDouble();
    // ND4J adds floats up in float, whose error on few threads exceeds the network's.
    assertThat(x.castTo(DataType.DOUBLE).meanNumber().doubleValue())
        .as("mean of %s", name)
        .isCloseTo(stage.get("mean").asDouble(), within(1e-5 * max));
    assertThat(x.amaxNumber().doubleValue())
        .as("max of %s", name)
        .isCloseTo(max, within(1e-5 * max));
  }

  private static ZooNetwork network(GoldenCase golden, CNN2DFormat format) {
    return Architecture.named(golden.json().get("arch").asText())
        .builder(golden.json().get("customize").asBoolean())
        .dataFormat(format)
        .build();
  }
}
