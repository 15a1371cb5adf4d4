package org.kerneldna.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kerneldna.train.io.Json;

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
                Competitor.STOCK, new double[] {400},
                Competitor.COMPILED_KERNELDNA, new double[] {8},
                Competitor.COMPILED_STATIC, new double[] {4},
                Competitor.ONNX_STATIC, new double[] {5},
                Competitor.ONNX_KERNELDNA, new double[] {16, 16}),
            who -> who == who.staticTwin() ? 256 : 320,
            who -> who == Competitor.STOCK_ONEDNN ? 41 : 0);
    assertThat(row.results())
        .containsExactly(
            new BenchResult(Competitor.STOCK, 0, 1, 400, 400, 400, 10, 80.0, 20, 256, 5120, 1),
            new BenchResult(Competitor.STOCK_ONEDNN, 41, 2, 40, 30, 50, 1, 8.0, 200, 256, 51200, 1),
            new BenchResult(Competitor.STATIC, 0, 3, 10, 10, 16, 0.25, 2.0, 800, 256, 204800, 1),
            new BenchResult(
                Competitor.KERNELDNA, 0, 3, 20, 10, 30, 0.5, 1.25, 400, 320, 128000, 1.6),
            new BenchResult(
                Competitor.COMPILED_STATIC, 0, 1, 4, 4, 4, 0.1, 0.8, 2000, 256, 512000, 1),
            new BenchResult(
                Competitor.COMPILED_KERNELDNA, 0, 1, 8, 8, 8, 0.2, 0.5, 1000, 320, 320000, 1.6),
            new BenchResult(
                Competitor.ONNX_STATIC, 0, 1, 5, 5, 5, 0.125, 1.0, 1600, 256, 409600, 1),
            new BenchResult(
                Competitor.ONNX_KERNELDNA, 0, 2, 16, 16, 16, 0.4, 1.0, 500, 320, 160000, 2.56));
  }

  @Test
  void trainingHasNoRatioToOnnxRuntime() {
    BenchRow row =
        BenchRow.of(
            Mode.TRAINING,
            "resnet18",
            8,
            Map.of(
                Competitor.KERNELDNA, new double[] {30},
                Competitor.STATIC, new double[] {10},
                Competitor.STOCK_ONEDNN, new double[] {20}),
            who -> 256,
            who -> 0);
    assertThat(row.results()).extracting(BenchResult::onnxRatio).containsOnlyNulls();
    assertThat(Json.toJson(row)).contains("time_ratio").doesNotContain("onnx_ratio");
  }

  @Test
  void everyTwinIsStatic() {
    assertThat(Competitor.values())
        .allSatisfy(who -> assertThat(who.staticTwin().toString()).doesNotContain("KernelDNA"));
    assertThat(Competitor.COMPILED_KERNELDNA.staticTwin()).isEqualTo(Competitor.COMPILED_STATIC);
    assertThat(Competitor.ONNX_KERNELDNA.staticTwin()).isEqualTo(Competitor.ONNX_STATIC);
  }

  @Test
  void onnxTwinsRunTheSameNetwork() {
    assertThat(Competitor.values())
        .allSatisfy(
            who ->
                assertThat(who.onnxTwin().toString())
                    .startsWith("ONNX Runtime")
                    .endsWith(who.toString().endsWith("KernelDNA") ? "KernelDNA" : "static"));
  }
}
