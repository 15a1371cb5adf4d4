package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.zoo.Agreement.assertAgrees;

import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.zoo.GoldenCase.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The blocks against the reference: outputs, gradients and running statistics. */
class GoldenBlockTest {

  private static final double DOUBLE = 1e-7;
  private static final double OUTPUT = 1e-4;
  private static final double GRADIENT = 1e-3;

  static Stream<GoldenCase> blocks() {
    return GoldenCase.all("blocks");
  }

  static Stream<Arguments> blocksInAllFormats() {
    return blocks()
        .flatMap(
            golden ->
                Stream.of(DataType.DOUBLE, DataType.FLOAT)
                    .flatMap(
                        type ->
                            Stream.of(CNN2DFormat.values())
                                .map(format -> Arguments.of(golden, type, format))));
  }

  @ParameterizedTest
  @MethodSource("blocksInAllFormats")
  void trains(GoldenCase golden, DataType type, CNN2DFormat format) {
    GoldenBlock block = GoldenBlock.of(golden, type, format, false);

    INDArray output = block.forward(true, golden.tensor("input").values());
    assertAgrees(output, golden.tensor("output_train"), DOUBLE, OUTPUT);

    INDArray gradInput = block.backward(golden.tensor("probe").values());
    assertGradients(golden.tensors("grad_train"), gradInput, block);

    Map<String, INDArray> before = block.stateDict().read(block);
    block.update((int) output.size(0));
    golden
        .tensors("after")
        .forEach(
            (name, after) ->
                assertAgrees(before.get(name).sub(block.gradient(name)), after, DOUBLE, OUTPUT));
  }

  @ParameterizedTest
  @MethodSource("blocksInAllFormats")
  void trainsWithFrozenStatistics(GoldenCase golden, DataType type, CNN2DFormat format) {
    GoldenBlock block = GoldenBlock.of(golden, type, format, true);
    INDArray input = golden.tensor("input").values();
    Tensor expected = golden.tensor("output_eval");

    assertAgrees(block.forward(false, input), expected, DOUBLE, OUTPUT);
    assertAgrees(block.forward(true, input), expected, DOUBLE, OUTPUT);

    INDArray gradInput = block.backward(golden.tensor("probe").values());
    assertGradients(golden.tensors("grad_eval"), gradInput, block);
    block.update((int) input.size(0));
    for (String statistic : golden.tensors("after").keySet()) {
      assertThat(block.gradient(statistic).amaxNumber().doubleValue())
          .as("change of %s", statistic)
          .isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void hasTheReferencesStateDict(GoldenCase golden) {
    GoldenBlock block = GoldenBlock.of(golden, DataType.FLOAT, CNN2DFormat.NCHW, false);
    assertStateDict(block.stateDict(), golden);
  }

  static void assertStateDict(StateDict actual, GoldenCase golden) {
    Map<String, long[]> expected = golden.stateDict();
    assertThat(actual.entries())
        .extracting(StateDict.Entry::name)
        .containsExactlyElementsOf(expected.keySet());
    assertThat(actual.entries())
        .allSatisfy(e -> assertThat(e.shape()).as(e.name()).isEqualTo(expected.get(e.name())));
  }

  private static void assertGradients(
      Map<String, Tensor> expected, INDArray gradInput, GoldenBlock block) {
    expected.forEach(
        (name, tensor) -> {
          INDArray gradient = name.equals("input") ? gradInput : block.gradient(name);
          assertAgrees(gradient, tensor, DOUBLE, GRADIENT);
        });
  }
}
