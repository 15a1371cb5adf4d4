package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.data.ImageDecoder;

/** What can be trained on, as users give it. */
class DataCommandsTest {

  @TempDir static Path temp;
  private static Path images;

  @BeforeAll
  static void unpack() throws IOException {
    images = TestImages.unpack(temp.resolve("images"), 4);
  }

  private static Run train(Path checkpoints, String... data) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                "--small-stem",
                "--image-size=16",
                "--width=0.0625",
                "--epochs=1",
                "--batch-size=20",
                "--lr=0.01",
                "--ckpt-dir",
                checkpoints.toString()));
    args.addAll(List.of(data));
    return Run.of(args.toArray(String[]::new));
  }

  @Test
  void trainingTakesShards(@TempDir Path folder) {
    Run shard =
        Run.of("shard", images.toString(), "--out", folder.toString(), "--shard-size", "15");
    assertThat(shard.exitCode()).as(shard.err()).isZero();
    assertThat(shard.out())
        .contains(folder.resolve("train") + ": 40 images in 3 tar files")
        .contains(folder.resolve("val") + ": 40 images in 3 tar files");
    Run train = train(folder.resolve("run"), "--data", folder.toString());
    assertThat(train.exitCode()).as(train.err()).isZero();
    Run evaluate =
        Run.of(
            "evaluate",
            "--model",
            folder.resolve("run/latest.zip").toString(),
            "--data",
            folder.toString());
    assertThat(evaluate.out()).as(evaluate.err()).contains("(40 images, 0 left out");
    Run again = Run.of("shard", images.toString(), "--out", folder.toString());
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains(folder.resolve("train") + " has tar files already");
  }

  /**
   * The same images as folders 0, 1, 10, 11, 2, ... and as a list of 0, 1, 2, ...: whatever a
   * network has learnt, they must give the same top-1.
   */
  @Test
  void theOrderOfClassesIsTheCheckpointsWhateverTheImagesHave(@TempDir Path folder)
      throws IOException {
    List<Path> kinds =
        TestImages.list(images.resolve("train")).stream().filter(Files::isDirectory).toList();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = List.of("2", "10", "9").get(i);
      for (Path image : TestImages.list(kinds.get(i))) {
        Path copy = folder.resolve("folders/train/" + name).resolve(image.getFileName());
        Files.createDirectories(copy.getParent());
        Files.copy(image, copy);
        Path again = folder.resolve("folders/val/" + name).resolve(image.getFileName());
        Files.createDirectories(again.getParent());
        Files.copy(image, again);
        lines.add(copy + " " + name);
      }
    }
    Path lists = Files.createDirectories(folder.resolve("lists"));
    Files.write(lists.resolve("train.txt"), lines);
    Files.write(lists.resolve("val.txt"), lines);
    Run train = train(folder.resolve("run"), "--data", folder.resolve("folders").toString());
    assertThat(train.exitCode()).as(train.err()).isZero();
    Path model = folder.resolve("run/latest.zip");
    assertThat(Checkpoint.loadCard(model).classes()).containsExactly("10", "2", "9");
    List<JsonNode> reports = new ArrayList<>();
    for (String data : List.of("folders", "lists")) {
      Path json = folder.resolve(data + ".json");
      Run evaluate =
          Run.of(
              "evaluate", "--model=" + model, "--data=" + folder.resolve(data), "--json=" + json);
      assertThat(evaluate.exitCode()).as(evaluate.err()).isZero();
      reports.add(new ObjectMapper().readTree(json.toFile()));
    }
    assertThat(reports.get(1).get("loss").asDouble())
        .isCloseTo(reports.get(0).get("loss").asDouble(), within(1e-6));
    assertThat(reports.get(1).get("top1")).isEqualTo(reports.get(0).get("top1"));
  }

  @Test
  void aSingleClassIsRefused(@TempDir Path folder) {
    Run train = train(folder, "--dummy=1");
    assertThat(train.exitCode()).isEqualTo(1);
    assertThat(train.err()).contains("dummy data has a single class, '0': training needs two");
  }

  @Test
  void trainingTakesDummyDataAndAllAugmentations(@TempDir Path folder) {
    Run train =
        train(
            folder,
            "--dummy=2",
            "--color-jitter=0.4,0.4,0.4,0.1",
            "--trivial-augment",
            "--random-erasing=0.1",
            "--mixup=0.2",
            "--cutmix=1");
    assertThat(train.exitCode()).as(train.err()).isZero();
    assertThat(train.out()).contains("after 1 epochs");
  }

  @Test
  void tooManyBrokenImagesEndTheTraining(@TempDir Path folder) throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.png"), "not an image");
    Path bag = TestImages.list(images.resolve("train/bag")).get(0);
    Path coat = TestImages.list(images.resolve("train/coat")).get(0);
    List<String> lines = List.of(bag + " bag", coat + "\tcoat", "broken.png bag");
    Files.write(folder.resolve("train.txt"), lines);
    Files.write(folder.resolve("val.txt"), lines);
    Run train = train(folder.resolve("run"), "--data", folder.toString(), "--max-bad=0");
    assertThat(train.exitCode()).isEqualTo(1);
    assertThat(train.err())
        .contains(broken + " (not an image of a known format) is one of more than 0 images");
  }

  @Test
  void whatCannotBeUsedIsSaid() {
    assertThat(Run.of("train", "--dummy", "--mixup=-1").err())
        .contains("'--mixup': '-1' is not a number of at least 0");
    assertThat(Run.of("train", "--dummy", "--data", "x").err())
        .contains("give either --data DIR, a folder of images, or --dummy");
    assertThat(Run.of("train", "--dummy=0").err()).contains("'0' is not a whole number");
    assertThat(Run.of("pipeline", images.resolve("none").toString()).err())
        .contains(images.resolve("none/train") + " is not a folder");
  }

  @Test
  void pipelineReportsBothSpeeds(@TempDir Path folder) throws IOException {
    Path classFolder = Files.createDirectories(folder.resolve("train/a"));
    byte[] photo = TestImages.resource(ImageDecoder.class, "astronaut.jpg");
    for (int i = 0; i < 10; i++) {
      Files.write(classFolder.resolve(i + ".jpg"), photo);
    }
    Path file = folder.resolve("speed.json");
    Run run =
        Run.of(
            "pipeline",
            folder.toString(),
            "--image-size=96",
            "--batch-size=4",
            "--workers=1",
            "--seconds=1",
            "--json",
            file.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("training pipeline, 1 workers: ")
        .contains("DataVec's ImageRecordReader: ")
        .contains(" times as many images a second and core");
    JsonNode report = new ObjectMapper().readTree(file.toFile());
    assertThat(report.get("images").asInt()).isEqualTo(10);
    for (String who : List.of("pipeline", "datavec")) {
      assertThat(report.get(who).get("images_per_second").asDouble()).isPositive();
      assertThat(report.get(who).get("images_per_core_second").asDouble()).isPositive();
    }
    assertThat(report.get("ratio").asDouble()).isPositive();
  }
}
