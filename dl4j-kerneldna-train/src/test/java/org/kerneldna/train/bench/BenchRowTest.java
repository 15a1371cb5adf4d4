package org.kerneldna.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchRowTest {

  @Test
  void figuresOfEveryCompetitor() {
    BenchRow row =
        BenchRow.of(
            Mode.INFERENCE,
            "resnet18",
            8,
            Map.of(
                Competitor.KERNELDNA, new double[] {30, 10, 20},
                Competitor.STATIC, new double[] {10, 10, 16},
                Competitor.STOCK_ONEDNN, new double[] {30, 50},
                Competitor.STOCK, new double[] {400}),
            who -> who == Competitor.KERNELDNA ? 320 : 256,
            who -> who == Competitor.STOCK_ONEDNN ? 41 : 0);
    assertThat(row.results())
        .containsExactly(
            new BenchResult(Competitor.STOCK, 0, 1, 400, 400, 400, 10, 20, 256, 5120, 1),
            new BenchResult(Competitor.STOCK_ONEDNN, 41, 2, 40, 30, 50, 1, 200, 256, 51200, 1),
            new BenchResult(Competitor.STATIC, 0, 3, 10, 10, 16, 0.25, 800, 256, 204800, 1),
            new BenchResult(Competitor.KERNELDNA, 0, 3, 20, 10, 30, 0.5, 400, 320, 128000, 1.6));
  }

  @Test
  void everyTwinIsStatic() {
    assertThat(Competitor.values())
        .allSatisfy(who -> assertThat(who.staticTwin().toString()).doesNotContain("KernelDNA"));
    assertThat(Competitor.COMPILED_KERNELDNA.staticTwin()).isEqualTo(Competitor.COMPILED_STATIC);
  }
}
