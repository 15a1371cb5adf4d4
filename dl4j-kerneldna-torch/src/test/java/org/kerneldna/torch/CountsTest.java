package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class CountsTest {

  @Test
  void areWholeAndFitAnInt() {
    assertThat(Counts.of(0)).hasValue(0);
    assertThat(Counts.of(7.0)).hasValue(7);
    assertThat(Counts.of((1L << 31) - 1)).hasValue(Integer.MAX_VALUE);
    Number[] others = {
      -1,
      7.5,
      1L << 31,
      (1L << 32) + 5,
      BigInteger.ONE.shiftLeft(64),
      Double.NaN,
      -7e12,
      Double.POSITIVE_INFINITY
    };
    for (Number other : others) {
      assertThat(Counts.of(other)).as(other.toString()).isEmpty();
    }
  }
}
