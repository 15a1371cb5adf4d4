package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;

/** The commands as users run them, on real images. */
class TrainAndEvaluateTest {

  @TempDir static Path folder;
  private static Path data;
  private static Path checkpoints;
  private static Run training;

  @BeforeAll
  static void train() throws IOException {
    data = TestImages.unpack(folder.resolve("data"), 20);
    Files.writeString(data.resolve("train/bag/broken.png"), "not an image");
    checkpoints = folder.resolve("checkpoints");
    training =
        Run.of(
            "train",
            "--customize",
            "--small-stem",
            "--image-size=16",
            "--width=0.125",
            "--epochs=2",
            "--batch-size=20",
            "--lr=0.02",
            "--data",
            data.toString(),
            "--ckpt_dir",
            checkpoints.toString(),
            "--json",
            folder.resolve("train.json").toString());
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }

  @Test
  void trainReportsItsFigures() throws IOException {
    assertThat(training.exitCode()).as(training.err()).isZero();
    JsonNode report = json("train.json");
    assertThat(report.get("arch").asText()).isEqualTo("resnet18");
    assertThat(report.get("customize").asBoolean()).isTrue();
    assertThat(report.get("params").asLong()).isPositive();
    assertThat(report.get("macs").asLong()).isPositive();
    assertThat(report.get("epochs").asInt()).isEqualTo(2);
    assertThat(report.get("history")).hasSize(2);
    assertThat(report.get("history").get(0).get("train_bad_images").asInt()).isEqualTo(1);
    List<String> summary = Files.readAllLines(checkpoints.resolve("summary.csv"));
    assertThat(summary).hasSize(3);
    assertThat(summary.get(0)).startsWith("epoch,lr,train_loss,train_top1");
    assertThat(summary.get(2)).startsWith("2,0.0100000,");
  }

  @Test
  void evaluateGivesTheTop1OfTraining() throws IOException {
    Run run =
        Run.of(
            "evaluate",
            "--model",
            checkpoints.resolve("best.zip").toString(),
            "--data",
            data.toString(),
            "--json",
            folder.resolve("evaluate.json").toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = json("evaluate.json");
    assertThat(report.get("top1").asDouble())
        .isEqualTo(json("train.json").get("best_top1").asDouble());
    assertThat(report.get("top5").asDouble()).isGreaterThanOrEqualTo(report.get("top1").asDouble());
    assertThat(report.get("images").asInt()).isEqualTo(200);
    assertThat(report.get("bad_images").asInt()).isZero();
    assertThat(report.get("images_per_second").asDouble()).isPositive();
    assertThat(run.out()).contains("resnet18 KernelDNA: top-1");
  }

  @Test
  void aSecondTrainingDoesNotOverwriteTheFirst() {
    Run run = Run.of("train", "--data", data.toString(), "--ckpt-dir", checkpoints.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains(checkpoints.resolve("latest.zip") + " exists already")
        .contains("--resume");
  }

  @Test
  void resumeRefusesAnotherRecipe() {
    Path latest = checkpoints.resolve("latest.zip");
    Run run =
        Run.of("train", "--data", data.toString(), "--resume", latest.toString(), "--lr", "0.5");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(latest.toString()).contains("lr=0.02").contains("lr=0.5");
  }

  @Test
  void resumeAtTheEndHasNothingLeftToDo() {
    Path latest = checkpoints.resolve("latest.zip");
    Run run =
        Run.of("train", "--data", data.toString(), "--resume", latest.toString(), "--lr", "0.02");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("after 2 epochs");
  }

  @Test
  void classesOfAnotherDataSetAreRefused() throws IOException {
    Path other = folder.resolve("other/val/cat");
    Files.write(Files.createDirectories(other).resolve("1.png"), new byte[1]);
    Run run =
        Run.of(
            "evaluate",
            "--model",
            checkpoints.resolve("best.zip").toString(),
            "--data",
            folder.resolve("other").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("lacks class 'ankle_boot'");
  }

  @Test
  void theEffectiveRecipeTrainsTheSameAgain() throws IOException {
    Path recipe = checkpoints.resolve("recipe.yaml");
    assertThat(Files.readString(recipe)).contains("arch: resnet18", "lr: 0.02", "width: 0.125");
    Path again = folder.resolve("again");
    Run run =
        Run.of(
            "train",
            "--recipe=" + recipe,
            "--time-limit=1e-9",
            "--momentum=0.8",
            "--data=" + data,
            "--ckpt-dir=" + again);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readString(again.resolve("recipe.yaml")))
        .isEqualTo(Files.readString(recipe).replace("momentum: 0.9", "momentum: 0.8"));
  }

  @Test
  void aRecipeThatCannotBeUsedFailsInOneLine() throws IOException {
    Path recipe = Files.writeString(folder.resolve("wrong.yaml"), "training: {lr: -1}");
    Run run = Run.of("train", "--recipe=" + recipe, "--data=" + data);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .containsExactly(
            "kerneldna train: %s cannot be used: learning rate -1.0 cannot be used: give more than 0"
                .formatted(recipe));
  }

  @Test
  void theReportIsOnePageWithCurvesAndRecipe() throws IOException {
    String page = Files.readString(checkpoints.resolve("report.html"));
    assertThat(page)
        .contains("width=device-width", "<h1>resnet18 KernelDNA</h1>", "batch_size: 20")
        .contains("aria-label=\"Loss\"", "aria-label=\"Top-1, %\"", "aria-label=\"Learning rate\"")
        .contains("aria-label=\"Images a second\"", "validation, epoch 2: ")
        .doesNotContain("http", "src=", "href=");
    assertThat(page.split("<polyline")).hasSize(1 + 7);
  }

  @Test
  void profileTellsTheTimeOfEveryLayerAndTrainsNothing() throws IOException {
    Path out = folder.resolve("profile");
    Run run =
        Run.of(
            "train",
            "--recipe=" + checkpoints.resolve("recipe.yaml"),
            "--profile=2",
            "--data=" + data,
            "--ckpt-dir=" + out);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .anyMatch(line -> line.matches("layer4.convs.0-gate +SqueezeExcitation( +[\\d.]+){3} %"))
        .anyMatch(line -> line.matches("fc +DenseLayer( +[\\d.]+){3} %"))
        .last()
        .asString()
        .matches("sum( +[\\d.]+){3} %");
    assertThat(out).doesNotExist();
  }
}
