package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The rule against the values that come with it. */
class FillingRuleTest {

  @Test
  void fillsAsRecorded() {
    assertStartsWith(
        FillingRule.tensor("conv1.weight", 64, 3, 7, 7),
        -0.05185001343488693,
        0.012878553941845894,
        0.07004620134830475);
    assertStartsWith(
        FillingRule.tensor("bn1.running_var", 64), 1.032664179801941, 1.0711537599563599);
    assertStartsWith(
        FillingRule.tensor("layer3.static_filter_attn", 3, 256, 1, 1, 1),
        -0.04233936220407486,
        0.07773399353027344);
    INDArray input = FillingRule.input("input", 2, 3, 224, 224);
    assertStartsWith(input, -0.9774937629699707, -0.8043633699417114, 0.30472075939178467);
    assertThat(input.reshape(-1).getDouble(input.length() - 1)).isEqualTo(0.4974660873413086);
  }

  private static void assertStartsWith(INDArray tensor, double... values) {
    INDArray flat = tensor.reshape(tensor.length());
    for (int i = 0; i < values.length; i++) {
      assertThat(flat.getDouble(i)).isEqualTo(values[i]);
    }
  }
}
