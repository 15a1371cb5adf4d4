package org.kerneldna.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kerneldna.inference.onednn.Description.Line;

class DescriptionTest {

  private static Line line(String vertex, String primitive, String reason) {
    return new Line(vertex, "Linear", primitive, "Java", List.of(2L, 30L), "ab", reason, null);
  }

  @Test
  void isATableForPeople() {
    Description description =
        new Description(
            List.of(line("a", "inner_product", null), line("dense", "DL4J", "no reader")), 3);

    assertThat(description.toString().lines())
        .containsExactly(
            "vertex  operation  primitive      implementation  output  layout",
            "a       Linear     inner_product  Java            2x30    ab",
            "dense   Linear     DL4J           no reader       2x30    ab",
            "for one of 3 parts of the batch");
    assertThat(description.took(0.5, 12.25).toString().lines().limit(3))
        .containsExactly(
            "vertex  operation  primitive      implementation  output  layout      ms",
            "a       Linear     inner_product  Java            2x30    ab       0.500",
            "dense   Linear     DL4J           no reader       2x30    ab      12.250");
  }
}
