package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {

  @ParameterizedTest
  @CsvSource({
    "resnet18, 90, 0, 0.1, 1e-4",
    "resnet50, 300, 20, 0.1, 1e-4",
    "mobilenet_v2, 150, 0, 0.05, 4e-5",
    "mobilenet_v2_1d2, 150, 0, 0.05, 4e-5",
    "convnext_tiny, 150, 0, 0.05, 4e-5"
  })
  void defaultsAreThePapersByArchitecture(
      String arch, int epochs, int warmup, double lr, double weightDecay) {
    assertThat(Recipe.of(arch))
        .isEqualTo(new Recipe(epochs, warmup, lr, weightDecay, 256, 0.9, 0, 0));
  }

  @Test
  void anUnusableValueIsNamedWithItsRemedy() {
    assertThatThrownBy(() -> new Recipe(10, 10, 0.1, 0, 256, 0.9, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("warm-up epochs 10 cannot be used: give 0 to 9");
    assertThatThrownBy(() -> new Recipe(10, 0, 0.1, 0, 1, 0.9, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batch size 1");
  }

  @Test
  void epochsAndSeedsHaveSeedsOfTheirOwn() {
    Recipe recipe = Recipe.of("resnet18");
    Recipe other = new Recipe(90, 0, 0.1, 1e-4, 256, 0.9, 0, 1);
    long[] seeds = IntStream.range(-1, 90).mapToLong(e -> recipe.seedAt(e)).toArray();
    assertThat(seeds).doesNotHaveDuplicates().doesNotContain(0);
    assertThat(seeds)
        .doesNotContain(IntStream.range(-1, 90).mapToLong(e -> other.seedAt(e)).toArray());
  }
}
