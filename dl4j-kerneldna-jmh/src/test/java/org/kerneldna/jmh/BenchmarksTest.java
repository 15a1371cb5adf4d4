package org.kerneldna.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksTest {

  /** All that JMH finds on the class path, but for the yardstick. */
  static Stream<String> benchmarks() {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
        .map(BenchmarkListEntry::getUsername)
        .filter(name -> !name.contains(MatrixProductBenchmark.class.getSimpleName()));
  }

  @Test
  void everyOperationIsTimedForwardAndBackward() {
    assertThat(benchmarks())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of("Gate", "StaticModulation", "ChildConvolution", "PlainConvolution")
                .flatMap(what -> Stream.of(what + "Benchmark.forward", what + "Benchmark.backward"))
                .map(name -> "org.kerneldna.jmh." + name)
                .toList());
  }

  @Test
  void theYardstickMultipliesMatrices() {
    MatrixProductBenchmark product = new MatrixProductBenchmark();
    product.create();
    INDArray actual = product.multiplyAccumulates();
    assertThat(actual.getDouble(3, 5))
        .isCloseTo(
            product.a.getRow(3).mul(product.b.getColumn(5)).sumNumber().doubleValue(),
            within(1e-2));
  }

  @ParameterizedTest
  @MethodSource("benchmarks")
  void computesSomethingThatIsTheSameTwice(String name) throws ReflectiveOperationException {
    int dot = name.lastIndexOf('.');
    Operation operation =
        (Operation) Class.forName(name.substring(0, dot)).getConstructor().newInstance();
    operation.shape = "8x5x4";
    operation.batch = 2;
    operation.create();
    INDArray first = run(operation, name.substring(dot + 1)).dup();
    assertThat(first.isInfinite().any() || first.isNaN().any()).isFalse();
    assertThat(first.amaxNumber().doubleValue()).isPositive();
    assertThat(run(operation, name.substring(dot + 1))).isEqualTo(first);
  }

  private static INDArray run(Operation operation, String method)
      throws ReflectiveOperationException {
    return (INDArray) operation.getClass().getMethod(method).invoke(operation);
  }
}
