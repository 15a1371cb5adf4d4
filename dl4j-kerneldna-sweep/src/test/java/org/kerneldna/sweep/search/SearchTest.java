package org.kerneldna.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.sweep.search.Search.By;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.space.SpaceReader;

class SearchTest {

  private static final Map<String, Object> SPACE =
      Map.of(
          "lr", Map.of("min", 0.001, "max", 1, "scale", "log"),
          "weight_decay", Map.of("min", 1e-6, "max", 0.01, "scale", "log"),
          "momentum", Map.of("min", 0, "max", 0.9),
          "gate_ratio", List.of(2, 4, 8));

  @ParameterizedTest
  @EnumSource
  void drawsTheSameCandidatesForASeed(By by) {
    List<Settings> once = draw(by, 1, 9);
    assertThat(draw(by, 1, 9)).isEqualTo(once);
    assertThat(new HashSet<>(once)).hasSizeGreaterThan(5);
    if (by != By.GRID) {
      assertThat(draw(by, 2, 9)).isNotEqualTo(once);
    }
  }

  /** A sweep goes on only with the version that draws its candidates as the one that began it. */
  @Test
  void drawsWhatEarlierVersionsDrew() {
    assertDrawn(draw(By.RANDOM, 1, 3).get(2), 8, 0.6475099504, 3.878799837e-5, 0.3127662263);
    assertDrawn(draw(By.GENETIC, 1, 9).get(8), 8, 0.0035532076, 3.878799837e-5, 0.2994453504);
    assertDrawn(draw(By.GRID, 1, 9).get(5), 8, 0.0316227766, 1e-6, 0);
  }

  private static void assertDrawn(
      Settings drawn, int gateRatio, double lr, double weightDecay, double momentum) {
    assertThat(drawn.gateRatio()).isEqualTo(gateRatio);
    assertThat(drawn.lr()).isCloseTo(lr, within(1e-9));
    assertThat(drawn.weightDecay()).isCloseTo(weightDecay, within(1e-13));
    assertThat(drawn.momentum()).isCloseTo(momentum, within(1e-9));
  }

  @Test
  void theGeneticSearchComesNearer() {
    double random = distance(draw(By.RANDOM, 1, 100));
    assertThat(distance(draw(By.GENETIC, 1, 100).subList(80, 100))).isLessThan(0.7 * random);
  }

  private static double distance(List<Settings> drawn) {
    return drawn.stream().mapToDouble(SearchTest::distance).average().orElseThrow();
  }

  private static double distance(Settings settings) {
    return Math.abs(Math.log10(settings.lr() / 0.03))
        + Math.abs(Math.log10(settings.weightDecay() / 1e-4))
        + Math.abs(settings.momentum() - 0.5);
  }

  private static List<Settings> draw(By by, long seed, int count) {
    CandidateGenerator generator =
        new Search(by, null, 6, 0.1).generator(SpaceReader.read(SPACE), seed);
    List<Settings> drawn = new ArrayList<>();
    while (drawn.size() < count) {
      Candidate<?> candidate = generator.getCandidate();
      Settings settings = (Settings) candidate.getValue();
      drawn.add(settings);
      generator.reportResults(
          new OptimizationResult(candidate, -distance(settings), drawn.size(), null, null, null));
    }
    return drawn;
  }
}
