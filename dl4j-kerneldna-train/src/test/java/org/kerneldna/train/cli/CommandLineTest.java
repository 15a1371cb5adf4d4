package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

  @TempDir Path folder;

  @Test
  void withoutCommandPrintsHelp() {
    Run run = Run.of();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("Usage: kerneldna")
        .contains("train")
        .contains("evaluate")
        .contains("adapt")
        .contains("cka")
        .contains("metrics")
        .contains("bench")
        .contains("demo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "evaluate", "adapt", "metrics", "bench", "demo"})
  void everyCommandHasHelpWithExitCodes(String command) {
    Run run = Run.of(command, "--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("Usage: kerneldna " + command)
        .contains("Exit codes:")
        .contains("--json");
  }

  @Test
  void versionIsPrinted() {
    assertThat(Run.of("--version").out()).startsWith("kerneldna ");
  }

  @Test
  void unknownArchitectureIsWrongUsageAndListsTheKnown() {
    Run run = Run.of("train", "--data", folder.toString(), "--arch", "vgg");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("--arch")
        .contains("vgg")
        .contains("resnet18")
        .doesNotContain("\tat ");
  }

  @Test
  void missingAndUnknownOptionsAreWrongUsage() {
    assertThat(Run.of("train").err())
        .contains("give either --data DIR, a folder of images, or --dummy");
    assertThat(Run.of("train", "--data", ".", "--dummy").exitCode()).isEqualTo(2);
    assertThat(Run.of("train").exitCode()).isEqualTo(2);
    assertThat(Run.of("train", "--data", ".", "--colour").exitCode()).isEqualTo(2);
    assertThat(Run.of("paint").exitCode()).isEqualTo(2);
    assertThat(Run.of("evaluate", "--model", "m", "--data", "d", "-j", "0").err())
        .contains("--workers", "'0' is not a whole number of at least 1");
  }

  @Test
  void anEmptyFolderFailsInOneLine() {
    Run run = Run.of("train", "--data", folder.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .containsExactly(
            "kerneldna train: "
                + folder.resolve("train")
                + " is not a folder: expected images as "
                + folder.resolve("train")
                + "/<class>/<image file>");
  }

  @Test
  void verboseAddsTheStackTrace() {
    assertThat(Run.of("train", "--data", folder.toString(), "--verbose").err()).contains("\tat ");
  }

  @Test
  void aMissingCheckpointFailsInOneLine() {
    Path missing = folder.resolve("missing.zip");
    Run run = Run.of("evaluate", "--model", missing.toString(), "--data", folder.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(missing + " is not a file");
  }

  @Test
  void anUnusableValueIsWrongUsage() throws IOException {
    for (String part : new String[] {"train/a", "train/b", "val/a", "val/b"}) {
      Files.write(Files.createDirectories(folder.resolve(part)).resolve("1.png"), new byte[1]);
    }
    Run run = Run.of("train", "--data", folder.toString(), "--epochs", "5", "--warmup-epochs", "5");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("warm-up epochs 5 cannot be used: give 0 to 4");
  }
}
