package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.Pace;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.Architecture;

class RecipeFileTest {

  private static final Path SHIPPED = Path.of("../recipes");

  @TempDir Path folder;

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("recipe.yaml"), yaml);
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void everyArchitectureHasAFileWithThePapersRecipe(Architecture architecture) {
    String arch = architecture.toString();
    RecipeFile shipped = RecipeFile.read(SHIPPED.resolve(arch + ".yaml"), "none");
    assertThat(shipped.model())
        .isEqualTo(new ModelSpec(arch, true, 224, architecture.width(), false));
    assertThat(shipped.training()).isEqualTo(Recipe.of(arch));
  }

  @Test
  void everyShippedFileIsOneOfThem() throws IOException {
    List<String> expected =
        Stream.of(Architecture.values()).map(arch -> arch + ".yaml").sorted().toList();
    assertThat(TestImages.list(SHIPPED))
        .extracting(file -> file.getFileName().toString())
        .isEqualTo(expected);
  }

  @Test
  void whatIsWrittenIsRead() {
    RecipeFile written =
        new RecipeFile(
            new ModelSpec("mobilenet_v2", true, 96, 0.75, true),
            Recipe.builder()
                .epochs(7)
                .warmupEpochs(2)
                .schedule(Pace.STEP)
                .lr(3e-4)
                .etaMin(1e-6)
                .optimizer(Optimizer.ADAMW)
                .momentum(0.8)
                .weightDecay(0.05)
                .excludeNormsAndBiases(true)
                .batchSize(64)
                .accumulate(4)
                .labelSmoothing(0.1)
                .emaDecay(0.999)
                .clipNorm(1)
                .dropPath(0.2)
                .patience(3)
                .seed(Long.MIN_VALUE)
                .adaptersOnly(true)
                .build());
    Path file = folder.resolve("new/recipe.yaml");
    written.write(file);
    assertThat(RecipeFile.read(file, "resnet18")).isEqualTo(written);
  }

  @Test
  void whatAFileLeavesOutIsAsForTheArchitecture() throws IOException {
    RecipeFile recipe =
        RecipeFile.read(file("model:\n  arch: resnet50\ntraining:\n  lr: 1e-2\n"), "resnet18");
    assertThat(recipe.model()).isEqualTo(ModelSpec.of("resnet50"));
    assertThat(recipe.training()).isEqualTo(Recipe.of("resnet50").withLr(0.01));
    assertThat(RecipeFile.read(file("training:\n"), "mobilenet_v2").training())
        .isEqualTo(Recipe.of("mobilenet_v2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "training: {learning_rate: 1} | 'learning_rate' that is not known",
        "epochs: 3 | 'epochs' that is not known: known are model and training",
        "training: {epochs: many} | many",
        "training: {optimizer: lion} | lion",
        "training: {batch_size: 10, accumulate: 3} | accumulate 3 cannot be used: give a divisor",
        "model: {arch: vgg} | vgg",
        "model: {image_size: 2} | image size 2 is too small",
        "training: 5 | recipe.yaml",
        "'a: b: {' | recipe.yaml",
        "just text | recipe.yaml"
      })
  void whatCannotBeUsedIsNamedInOneLine(String yaml, String named) throws IOException {
    Path file = file(yaml);
    assertThatThrownBy(() -> RecipeFile.read(file, "resnet18"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(named)
        .message()
        .hasLineCount(1);
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> RecipeFile.read(missing, "resnet18"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(missing + " cannot be read");
  }
}
