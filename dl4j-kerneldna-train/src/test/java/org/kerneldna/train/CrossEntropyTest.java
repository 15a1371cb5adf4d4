package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class CrossEntropyTest {

  private static INDArray row(double... values) {
    return Nd4j.createFromArray(new double[][] {values});
  }

  @ParameterizedTest
  @EnumSource(names = {"DOUBLE", "FLOAT", "HALF"})
  void isExactAtAnySpread(DataType type) {
    for (double spread : new double[] {0, 1, 16, 88, 104, 106, 746, 2048, 30000}) {
      INDArray logits = row(spread / 2, -spread / 2, -spread / 2).castTo(type);
      double rest = Math.log1p(2 * Math.exp(-spread));
      assertThat(CrossEntropy.sum(logits, row(1, 0, 0).castTo(type)))
          .isCloseTo(rest, within(1e-15));
      assertThat(CrossEntropy.sum(logits, row(0, 0, 1).castTo(type)))
          .isCloseTo(spread + rest, within(1e-12 * spread + 1e-15));
      assertThat(CrossEntropy.sum(logits, row(0.5, 0.25, 0.25).castTo(type)))
          .isCloseTo(spread / 2 + rest, within(1e-12 * spread + 1e-15));
    }
  }

  @Test
  void anImpossibleClassCountsWhereItHasAShare() {
    INDArray logits = row(0, Double.NEGATIVE_INFINITY);
    assertThat(CrossEntropy.sum(logits, row(1, 0))).isZero();
    assertThat(CrossEntropy.sum(logits, row(0.9, 0.1))).isInfinite();
  }

  @Test
  void logitsThatAreNoNumbersGiveNone() {
    for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThat(CrossEntropy.sum(row(0, none), row(1, 0))).isNaN();
      assertThat(CrossEntropy.sum(row(none, 0).castTo(DataType.FLOAT), row(1, 0))).isNaN();
    }
  }

  /** Two rows of three classes each. */
  static Stream<INDArray> views() {
    INDArray rows = Nd4j.createFromArray(new float[][] {{1, 200, -300}, {-5, 4, 7}});
    INDArray larger = Nd4j.createUninitialized(DataType.FLOAT, 4, 7).assign(Float.NaN);
    INDArray part = larger.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(2, 5));
    part.assign(rows);
    INDArray spaced = Nd4j.createUninitialized(DataType.FLOAT, 4, 6).assign(Float.NaN);
    INDArray everySecond =
        spaced.get(NDArrayIndex.interval(0, 2, 4), NDArrayIndex.interval(0, 2, 6));
    everySecond.assign(rows);
    return Stream.of(
        rows,
        rows.dup('f'),
        rows.transpose().dup('c').transpose(),
        part,
        everySecond,
        rows.castTo(DataType.HALF).dup('f').permute(1, 0).permute(1, 0));
  }

  @ParameterizedTest
  @MethodSource("views")
  void readsAnyStrides(INDArray logits) {
    // log(e^-12 + e^-3 + 1) for the second row; all of the first row's mass is on the second class.
    double expected = 500 + 12 + Math.log1p(Math.exp(-12) + Math.exp(-3));
    INDArray labels = Nd4j.createFromArray(new float[][] {{0, 0, 1}, {1, 0, 0}});
    assertThat(CrossEntropy.sum(logits, labels)).isCloseTo(expected, within(1e-12));
    assertThat(CrossEntropy.sum(logits, labels.dup('f'))).isCloseTo(expected, within(1e-12));
  }

  @Test
  void readsOneRowThatStandsForSeveral() {
    INDArray logits = Nd4j.createFromArray(new float[][] {{0, -400, -120}}).broadcast(5, 3);
    INDArray labels = Nd4j.createFromArray(new float[][] {{0, 1, 0}}).broadcast(5, 3);
    assertThat(CrossEntropy.sum(logits, labels)).isEqualTo(2000);
  }
}
