package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The networks of DL4J's zoo, of which nothing is left to DL4J. */
class ZooTest {

  @ParameterizedTest
  @EnumSource
  void leavesNothingToDl4j(StockZoo zoo) {
    int[] shape = zoo.imageShape();
    Program program =
        Agreement.afterPasses(zoo.graph(), Agreement.numbers(1, shape[0], shape[1], shape[2]));
    assertThat(Agreement.opaque(program)).isEmpty();
  }
}
