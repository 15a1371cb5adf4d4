package org.kerneldna.layers.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.layers.math.StridesTest.Memory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that layers compute, in every type, as on the processor and as elsewhere, against ND4J's own
 * operations in double precision; also on activations whose sums HALF cannot hold.
 */
class TypesTest {

  private static final boolean PROCESSOR = ProcessorArithmetic.inUse;

  static Stream<Arguments> cases() {
    return StridesTest.OPERATIONS.keySet().stream()
        .flatMap(
            operation ->
                Stream.of(CNN2DFormat.values())
                    .flatMap(
                        format ->
                            Stream.of(true, false)
                                .map(onProcessor -> Arguments.of(operation, format, onProcessor))));
  }

  @AfterEach
  void whereItRuns() {
    ProcessorArithmetic.inUse = PROCESSOR;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void asInDoublePrecision(String operation, CNN2DFormat format, boolean onProcessor) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.HALF, DataType.BFLOAT16}) {
      if (!onProcessor && runsNotOnThisProcessor(operation, type)) {
        continue;
      }
      check(operation, format, onProcessor, type, new long[] {3, 5, 6}, 0);
      check(
          operation,
          format,
          onProcessor,
          type,
          new long[] {8, 56, 56},
          type == DataType.FLOAT ? 0 : 50);
    }
  }

  /**
   * In oneDNN no dilated convolution runs, and convolutions of narrow floats do not sum in FLOAT,
   * as they do in cuDNN.
   */
  private static boolean runsNotOnThisProcessor(String operation, DataType type) {
    return operation.contains("convolution")
        && (operation.contains("dilated") || type != DataType.FLOAT);
  }

  private static void check(
      String operation,
      CNN2DFormat format,
      boolean onProcessor,
      DataType type,
      long[] size,
      double mean) {
    // Both compute on the same numbers, which the type can hold.
    UnaryOperator<INDArray> rounded = x -> x.castTo(type).castTo(DataType.DOUBLE);
    List<INDArray> expected =
        StridesTest.run(
            operation, new Memory(format, DataType.DOUBLE, rounded, x -> x, size, mean));
    ProcessorArithmetic.inUse = onProcessor;
    List<INDArray> actual =
        StridesTest.run(operation, new Memory(format, type, x -> x, x -> x, size, mean));
    ProcessorArithmetic.inUse = PROCESSOR;
    for (int i = 0; i < expected.size(); i++) {
      assertClose(actual.get(i), expected.get(i), type, type + " about " + mean + ", " + i);
    }
  }

  /** But for the rounding of the result. */
  private static void assertClose(INDArray actual, INDArray expected, DataType type, String name) {
    double rounding =
        switch (type) {
          case FLOAT -> 1e-5;
          case HALF -> 5e-4;
          default -> 4e-3;
        };
    assertThat(actual.shape()).as(name).isEqualTo(expected.shape());
    assertThat(actual.castTo(DataType.DOUBLE).distance2(expected))
        .as(name)
        .isLessThanOrEqualTo(rounding * (1e-3 + expected.norm2Number().doubleValue()));
  }
}
