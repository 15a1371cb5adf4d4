package org.kerneldna.sweep.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {

  private record Network(String name, double top1, double size) {}

  private static final Network SMALL = new Network("small", 70, 1);
  private static final Network MIDDLE = new Network("middle", 80, 2);
  private static final Network LARGE = new Network("large", 85, 5);
  private static final Network WASTEFUL = new Network("wasteful", 79, 4);
  private static final Network WORST = new Network("worst", 60, 6);
  private static final List<Network> ALL = List.of(WORST, WASTEFUL, SMALL, LARGE, MIDDLE);

  @Test
  void theFrontIsWhatNothingIsBetterThanInBoth() {
    assertThat(new Ranking<>(Network::top1, Network::size).front(ALL))
        .containsExactly(LARGE, MIDDLE, SMALL);
  }

  @Test
  void nothingOnTheFrontIsDominatedAndAllElseIs() {
    Random random = new Random(2);
    List<Network> many =
        IntStream.range(0, 60)
            .mapToObj(i -> new Network("" + i, random.nextInt(12), random.nextInt(12)))
            .toList();
    List<Network> front = new Ranking<>(Network::top1, Network::size).front(many);
    for (Network network : many) {
      boolean dominated =
          many.stream()
              .anyMatch(
                  o ->
                      o.top1() >= network.top1()
                          && o.size() <= network.size()
                          && (o.top1() > network.top1() || o.size() < network.size()));
      assertThat(front.contains(network)).isNotEqualTo(dominated);
    }
  }

  @Test
  void frontsFollowEachOther() {
    assertThat(new Ranking<>(Network::top1, Network::size).bestFirst(ALL))
        .containsExactly(LARGE, MIDDLE, SMALL, WASTEFUL, WORST);
  }

  @Test
  void withoutCostsOnlyTheScoreCounts() {
    assertThat(new Ranking<>(Network::top1, network -> 0).bestFirst(ALL))
        .containsExactly(LARGE, MIDDLE, WASTEFUL, SMALL, WORST);
  }

  @Test
  void equalsShareAFrontInTheirOrder() {
    Network twin = new Network("twin", 80, 2);
    assertThat(new Ranking<>(Network::top1, Network::size).bestFirst(List.of(twin, MIDDLE)))
        .containsExactly(twin, MIDDLE);
  }
}
