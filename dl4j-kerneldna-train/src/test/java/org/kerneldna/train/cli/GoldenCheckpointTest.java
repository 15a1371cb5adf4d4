package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.io.NpyRows;
import org.kerneldna.zoo.FillingRule;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The reference's checkpoints, from file to logits as a user gets there. */
@EnabledIfSystemProperty(named = "kerneldna.golden", matches = ".+")
class GoldenCheckpointTest {

  private static final Path GOLDEN = Path.of(System.getProperty("kerneldna.golden", ""));
  private static final String TRAINING = "checkpoint-mobilenet_v2_1d2.pth.tar";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    TRAINING + ", true, models/mobilenet_v2_1d2-kerneldna/logits.npy",
    "mobilenet_v2_1d2-plain.pth, false, models/mobilenet_v2_1d2-static/logits.npy",
    "mobilenet_v2_1d2-half.pth, true, checkpoints/mobilenet_v2_1d2-half.logits.npy"
  })
  void predictsTheReferencesLogits(String file, boolean customize, String expected)
      throws IOException {
    importCheckpoint(file, customize);
    Nd4j.writeAsNumpy(FillingRule.input("input", 2, 3, 224, 224), folder.resolve("x.npy").toFile());
    Run run =
        Run.of(
            "predict",
            "--model",
            folder.resolve("model.zip").toString(),
            "--input",
            folder.resolve("x.npy").toString(),
            "--logits",
            folder.resolve("y.npy").toString());
    assertThat(run.exitCode()).as(run.err()).isZero();

    INDArray logits = read(folder.resolve("y.npy"));
    INDArray wanted = read(GOLDEN.resolve(expected));
    assertThat(logits.sub(wanted).amaxNumber().doubleValue())
        .isLessThan(1e-5 * wanted.amaxNumber().doubleValue());
  }

  @Test
  void goesOnAtTheReferencesEpoch() {
    Run run = importCheckpoint(TRAINING, true);
    assertThat(run.out()).contains("epoch 3 of 150", "41.25 %").doesNotContain("no momentum");
    Checkpoint checkpoint = Checkpoint.load(folder.resolve("model.zip"));
    Card card = checkpoint.card();
    assertThat(card.recipe().lr()).isEqualTo(0.002);
    assertThat(card.recipe().learningRate(0).valueAt(0, card.epoch()))
        .isEqualTo(0.0019980267284282717);
    assertThat(card.recipe().weightDecay()).isEqualTo(4e-5);
    assertThat(checkpoint.graph().getEpochCount()).isEqualTo(3);
    assertThat(checkpoint.graph().getUpdater().getStateViewArray().norm2Number().doubleValue())
        .isGreaterThan(10);
  }

  @ParameterizedTest
  @CsvSource({
    "wrong-shape.pth, features.10.static_filter_attn1",
    "missing-key.pth, features.13.blocks.0.se3.se.fc2.bias",
    "unexpected-key.pth, features.13.blocks.1.bn1.weight",
    "short-storage.pth, classifier.1.weight",
    "missing-storage.pth, classifier.1.weight",
    "truncated.pth, truncated",
    "runs-code.pth, system",
    "empty.pth, empty.pth"
  })
  void refusesHostileFilesInOneLine(String file, String named) {
    Run run = importCheckpoint("hostile/" + file, true);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(file, named);
    assertThat(folder).isEmptyDirectory();
  }

  private static INDArray read(Path file) {
    try (NpyRows rows = NpyRows.open(file)) {
      return rows.next((int) rows.shape()[0]);
    }
  }

  private Run importCheckpoint(String file, boolean customize) {
    List<String> arguments =
        new ArrayList<>(
            Arrays.asList(
                "import",
                GOLDEN.resolve("checkpoints").resolve(file).toString(),
                "--arch=mobilenet_v2_1d2",
                "--out",
                folder.resolve("model.zip").toString()));
    if (customize) {
      arguments.add("--customize");
    }
    return Run.of(arguments.toArray(String[]::new));
  }
}
