package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kerneldna.train.Turns.Player;

class TurnsTest {

  private final StringBuilder order = new StringBuilder();

  @Test
  void playersTakeTurnsAndWarmUpIsNotCounted() {
    double[][] times = Turns.time(List.of(player('a', 1), player('b', 1)), 2, 3);
    assertThat(order).hasToString("abababab" + "ab");
    assertThat(times).hasDimensions(2, 3);
  }

  @Test
  void theSlowOneTakesPartInFewerRounds() {
    double[][] times = Turns.time(List.of(player('a', 3), player('b', 1)), 2, 5);
    assertThat(order).hasToString("ab" + "b" + "ab" + "b" + "b" + "ab" + "b");
    assertThat(times[0]).hasSize(2);
    assertThat(times[1]).hasSize(5);
  }

  @Test
  void theSlowOneWarmsUpOnce() {
    double[][] times = Turns.time(List.of(player('a', 2), player('b', 1)), 5, 1);
    assertThat(order).hasToString("ab" + "bbbb" + "ab");
    assertThat(times).hasDimensions(2, 1);
  }

  @Test
  void everybodyIsTimedInASingleRound() {
    double[][] times = Turns.time(List.of(player('a', 5)), 1, 1);
    assertThat(order).hasToString("aa");
    assertThat(times).hasDimensions(1, 1);
    assertThat(times[0][0]).isPositive();
  }

  private Player player(char name, int every) {
    return new Player(() -> order.append(name), every);
  }
}
