package org.kerneldna.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.kerneldna.sweep.search.SuccessiveHalving.Promotion;

class SuccessiveHalvingTest {

  private static final SuccessiveHalving HALVING = SuccessiveHalving.of(1, 3, 9);

  @Test
  void rungsGrowByEtaUpToTheLastEpoch() {
    assertThat(HALVING.rungs()).containsExactly(1, 3, 9);
    assertThat(SuccessiveHalving.of(2, 4, 30).rungs()).containsExactly(2, 8, 30);
    assertThat(SuccessiveHalving.of(5, 2, 6).rungs()).containsExactly(5, 6);
  }

  @Test
  void refusesWhatHalvesNothing() {
    assertThatThrownBy(() -> SuccessiveHalving.of(1, 1, 9)).hasMessageContaining("eta");
    assertThatThrownBy(() -> SuccessiveHalving.of(9, 3, 9)).hasMessageContaining("1 to 8");
    assertThatThrownBy(() -> SuccessiveHalving.of(0, 3, 9)).hasMessageContaining("min_epochs");
  }

  @Test
  void nobodyGoesOnUntilEtaHaveFinished() {
    assertThat(
            HALVING.promotion(
                List.of(List.of(4, 7), List.of(), List.of()),
                List.of(Set.of(4, 7, 8), Set.of(), Set.of())))
        .isEmpty();
  }

  @Test
  void theBestThirdGoesOnOnce() {
    List<List<Integer>> finished = List.of(List.of(5, 1, 4, 0, 2, 3, 6), List.of(), List.of());
    assertThat(
            HALVING.promotion(finished, List.of(Set.of(0, 1, 2, 3, 4, 5, 6), Set.of(), Set.of())))
        .contains(new Promotion(5, 1));
    assertThat(
            HALVING.promotion(finished, List.of(Set.of(0, 1, 2, 3, 4, 5, 6), Set.of(5), Set.of())))
        .contains(new Promotion(1, 1));
    assertThat(
            HALVING.promotion(
                finished, List.of(Set.of(0, 1, 2, 3, 4, 5, 6), Set.of(5, 1), Set.of())))
        .isEmpty();
  }

  @Test
  void aHigherRungGoesFirst() {
    assertThat(
            HALVING.promotion(
                List.of(List.of(8, 3, 5, 6, 0, 1, 2, 4, 7), List.of(3, 5, 6), List.of()),
                List.of(Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8), Set.of(3, 5, 6), Set.of())))
        .contains(new Promotion(3, 2));
  }

  @Test
  void fromTheLastRungNobodyGoesOn() {
    assertThat(
            HALVING.promotion(
                List.of(List.of(0, 1, 2), List.of(0, 1, 2), List.of(0, 1, 2)),
                List.of(Set.of(0, 1, 2), Set.of(0, 1, 2), Set.of(0, 1, 2))))
        .isEmpty();
  }
}
