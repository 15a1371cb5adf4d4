package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;

class BenchTest {

  private static final String[] ALL = {
    "DL4J",
    "DL4J+oneDNN",
    "DL4J+oneDNN NHWC",
    "static",
    "KernelDNA",
    "compiled static",
    "compiled KernelDNA",
    "ONNX Runtime static",
    "ONNX Runtime KernelDNA"
  };

  @TempDir Path folder;

  @Test
  void comparesInferenceAndTrainingRowByRow() throws IOException {
    Run run = bench("--arch=resnet18", "--batch=1,2", "--train", "--rounds=2");
    JsonNode report = json();
    JsonNode rows = report.get("rows");
    assertThat(rows)
        .extracting(
            row ->
                row.get("mode").asText()
                    + " "
                    + row.get("arch").asText()
                    + " "
                    + row.get("batch_size").asInt())
        .containsExactly("inference resnet18 1", "inference resnet18 2", "training resnet18 2");
    for (JsonNode row : rows) {
      boolean inference = row.get("mode").asText().equals("inference");
      assertThat(row.get("results"))
          .extracting(result -> result.get("competitor").asText())
          .containsExactly(inference ? ALL : List.of(ALL).subList(0, 5).toArray(String[]::new));
      assertFiguresFitTogether(row);
    }
    assertThat(run.out())
        .contains("inference", "training", "time vs DL4J+oneDNN", "time/MAC vs static")
        .contains(
            "time vs ONNX Runtime", "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion())
        .contains("takes part in every 5th round", "No training on batches of 1")
        .contains(report.get("machine").get("processor").asText())
        .contains(Backend.describe());
    assertThat(report.get("machine").get("backend").asText())
        .isEqualTo(Backend.describe())
        .contains(" 1 threads");
    assertThat(run.out().lines().filter(line -> line.startsWith("resnet18"))).hasSize(2 * 9 + 5);
    assertThat(report.get("notes")).hasSize(4);
    for (String mode : new String[] {"inference", "training"}) {
      assertThat(ImageIO.read(folder.resolve(mode + ".png").toFile()).getWidth()).isEqualTo(800);
    }
  }

  private static void assertFiguresFitTogether(JsonNode row) {
    JsonNode results = row.get("results");
    int batch = row.get("batch_size").asInt();
    double reference = results.get(1).get("median_ms").asDouble();
    for (JsonNode result : results) {
      double median = result.get("median_ms").asDouble();
      assertThat(median)
          .isBetween(result.get("min_ms").asDouble(), result.get("max_ms").asDouble())
          .isPositive();
      assertThat(result.get("time_ratio").asDouble()).isEqualTo(median / reference, within(1e-9));
      double images = result.get("images_per_second").asDouble();
      assertThat(images * median).isEqualTo(1000 * batch, within(1e-6));
      assertThat(result.get("macs_per_second").asDouble() / images)
          .isEqualTo(result.get("macs").asLong(), within(1e-3));
    }
    assertThat(results).extracting(r -> r.get("rounds").asInt()).startsWith(1, 2, 2, 2, 2);
    assertThat(results.get(0).get("layers_with_helpers").asInt()).isZero();
    for (int i : new int[] {1, 2}) {
      assertThat(results.get(i).get("layers_with_helpers").asInt())
          .isEqualTo(Backend.oneDnn() ? 40 : 0);
    }
    String arch = row.get("arch").asText();
    for (int i = 0; i < results.size(); i++) {
      JsonNode result = results.get(i);
      boolean kernelDna = result.get("competitor").asText().endsWith("KernelDNA");
      assertThat(result.get("macs").asLong()).isEqualTo(macs(arch, kernelDna));
      JsonNode twin = results.get(kernelDna ? i - 1 : i);
      assertThat(result.get("time_per_mac").asDouble())
          .isEqualTo(perMac(result) / perMac(twin), within(1e-9));
      assertOnnxRatio(result, results, kernelDna);
    }
  }

  private static void assertOnnxRatio(JsonNode result, JsonNode results, boolean kernelDna) {
    if (results.size() < ALL.length) {
      assertThat(result.has("onnx_ratio")).isFalse();
    } else {
      JsonNode onnx = results.get(kernelDna ? 8 : 7);
      assertThat(result.get("onnx_ratio").asDouble() * onnx.get("median_ms").asDouble())
          .isEqualTo(result.get("median_ms").asDouble(), within(1e-9));
    }
  }

  private static double perMac(JsonNode result) {
    return result.get("median_ms").asDouble() / result.get("macs").asLong();
  }

  private static long macs(String arch, boolean kernelDna) {
    ModelSpec model = new ModelSpec(arch, kernelDna, 32, 0.05, false);
    return Complexity.of(model.network(1000, Recipe.of(arch)).conf(), model.inputType()).macs();
  }

  @Test
  void saysWhichLayersDl4jLacks() throws IOException {
    Run run = bench("--arch=resnet18,convnext_tiny", "--batch=1", "--rounds=1");
    assertThat(json().get("rows"))
        .extracting(row -> row.get("arch").asText())
        .containsExactly("resnet18", "convnext_tiny");
    assertThat(run.out())
        .contains("convnext_tiny has this library's: ChannelLayerNorm, DropPath, Gelu, LayerScale");
    assertThat(folder.resolve("training.png")).doesNotExist();
  }

  @Test
  void whatIsStoppedKeepsItsRows() throws IOException {
    Run run =
        Run.of(
            "bench",
            "--arch=resnet18,convnext_tiny",
            "--batch=1,2",
            "--image-size=8",
            "--width=0.05",
            "--rounds=1",
            "--warm-up=1",
            "--threads=1",
            "--json=" + file());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("convnext_tiny static cannot take images of 8 pixels");
    assertThat(json().get("rows"))
        .extracting(row -> row.get("arch").asText() + " " + row.get("batch_size").asInt())
        .containsExactly("resnet18 1", "resnet18 2");
  }

  @Test
  void refusesWhatItCannotUse() {
    assertWrongUsage("--threads 99999 is more than there are processors", "--threads=99999");
    assertWrongUsage("'0' is not a whole number of at least 1", "--threads=0");
    assertWrongUsage("'0' is not a whole number of at least 1", "--batch=8,0");
    assertWrongUsage("Unknown architecture \"vgg\"", "--arch=resnet18,vgg");
    assertWrongUsage("image size 7 is too small: give at least 8", "--image-size=7");
    assertWrongUsage("'--width': '0' is not a number of more than 0", "--width=0");
    assertWrongUsage(
        "cannot train on a batch of 1: give --batch 2 or more", "--batch=1", "--train");
  }

  @Test
  void aFolderThatCannotBeIsToldBeforeTheWork() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Run run = Run.of("bench", "--out", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(file.toString());
  }

  private static void assertWrongUsage(String message, String... options) {
    List<String> all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(options));
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.err().lines()).hasSize(2);
  }

  private Run bench(String... options) {
    List<String> all =
        new ArrayList<>(
            List.of("bench", "--image-size=32", "--width=0.05", "--warm-up=1", "--threads=1"));
    all.addAll(List.of("--json", file().toString(), "--out", folder.toString()));
    all.addAll(List.of(options));
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(file().toFile());
  }

  private Path file() {
    return folder.resolve("bench.json");
  }
}
