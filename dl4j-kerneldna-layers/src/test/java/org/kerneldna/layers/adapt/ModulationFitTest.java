package org.kerneldna.layers.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ModulationFitTest {

  private static INDArray randn(long seed, long... shape) {
    Nd4j.getRandom().setSeed(seed);
    return Nd4j.randn(DataType.DOUBLE, shape);
  }

  private static INDArray modulated(INDArray parent, INDArray s, INDArray f) {
    return StaticModulation.forward(parent, s, f, parent.ulike());
  }

  private static double distance(INDArray target, INDArray parent, INDArray s, INDArray f) {
    return target.distance2(modulated(parent, s, f)) / target.norm2Number().doubleValue();
  }

  @ParameterizedTest
  @CsvSource({"3, 3", "1, 3", "5, 2"})
  void aModulatedKernelIsFoundAgain(int height, int width) {
    INDArray parent = randn(1, 6, 4, height, width);
    INDArray target = modulated(parent, randn(2, 1, 1, height, width), randn(3, 6, 1, 1, 1));
    ModulationFit fit = ModulationFit.of(target, parent);
    assertThat(fit.relativeError()).isCloseTo(0, within(1e-6));
    assertThat(distance(target, parent, fit.spatial(), fit.filter())).isCloseTo(0, within(1e-6));
    assertThat(fit.spatial().shape()).containsExactly(1, 1, height, width);
    assertThat(fit.filter().shape()).containsExactly(6, 1, 1, 1);
  }

  @Test
  void aKernelOfOnePositionHasFilterModulationAlone() {
    INDArray parent = randn(1, 6, 4, 1, 1);
    INDArray f = randn(2, 6, 1, 1, 1);
    ModulationFit fit = ModulationFit.of(modulated(parent, null, f), parent);
    assertThat(fit.spatial()).isNull();
    assertThat(fit.filter().distance2(f)).isCloseTo(0, within(1e-12));
    assertThat(fit.relativeError()).isCloseTo(0, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "3, 3", "4, 3", "5, 1", "6, 1"})
  void itIsNeverWorseThanNoModulationAndAtAnOptimum(int seed, int size) {
    INDArray parent = randn(seed, 5, 3, size, size);
    INDArray target = parent.mul(0.3).add(randn(seed + 10, 5, 3, size, size));
    ModulationFit fit = ModulationFit.of(target, parent);
    double error = distance(target, parent, fit.spatial(), fit.filter());
    assertThat(fit.relativeError()).isCloseTo(error, within(1e-12));
    assertThat(error).isLessThan(distance(target, parent, null, null));
    for (int other = 0; other < 10; other++) {
      INDArray f = fit.filter().add(randn(20 + other, 5, 1, 1, 1).muli(1e-2));
      INDArray s =
          fit.spatial() == null
              ? null
              : fit.spatial().add(randn(40 + other, 1, 1, size, size).muli(1e-2));
      assertThat(distance(target, parent, s, f)).isGreaterThanOrEqualTo(error);
    }
  }

  @Test
  void spatialModulationIsOfMeanSquareOne() {
    INDArray fit = ModulationFit.of(randn(1, 5, 3, 3, 3), randn(2, 5, 3, 3, 3)).spatial().add(1);
    assertThat(fit.mul(fit).meanNumber().doubleValue()).isCloseTo(1, within(1e-12));
    assertThat(fit.sumNumber().doubleValue()).isPositive();
  }

  @Test
  void emptyFiltersDoNoHarm() {
    INDArray parent = randn(1, 4, 3, 3, 3);
    parent.slice(2).assign(0);
    INDArray target = randn(2, 4, 3, 3, 3);
    ModulationFit fit = ModulationFit.of(target, parent);
    assertThat(fit.filter().getDouble(2)).isZero();
    assertThat(fit.relativeError()).isBetween(0.5, 1.0);
    assertThat(ModulationFit.of(target.mul(0), parent).relativeError()).isZero();
    assertThat(ModulationFit.of(target, parent.mul(0)).relativeError()).isEqualTo(1);
  }
}
