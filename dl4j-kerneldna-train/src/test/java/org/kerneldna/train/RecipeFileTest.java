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
        "epochs: 3 | 'epochs: 3' outside of model and training: put it below one of these",
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

  /** Each would be taken for something else, or half of it, by a reader that means well. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "weight_decay: | weight_decay: null cannot be used, nor can an empty value",
        "momentum: null | momentum: null cannot be used",
        "momentum: ~ | momentum: null cannot be used",
        "augmentation: {color_jitter: [0.1, null, 0, 0]} | augmentation.color_jitter: null",
        "augmentation: {mixup: } | augmentation.mixup: null",
        "augmentation: {mixup: yes} | augmentation.mixup: yes cannot be used: give a number",
        "augmentation: {mixup: .inf} | augmentation.mixup: .inf cannot be used: give a number",
        "augmentation: {mixup: Infinity} | mixup Infinity cannot be used",
        "epochs: 2.9 | epochs: 2.9 cannot be used: give a whole number",
        "epochs: 3.0 | epochs: 3.0 cannot be used: give a whole number",
        "epochs: 99999999999 | epochs: 99999999999 cannot be used: give a whole number, at most 2147483647",
        "seed: 1e3 | seed: 1000.0 cannot be used: give a whole number",
        "customize: 1 | 'customize' that is not known",
        "adapters_only: 1 | adapters_only: 1 cannot be used: give true or false",
        "adapters_only: yes | adapters_only: yes cannot be used: give true or false",
        "adapters_only: 'true' | adapters_only: true cannot be used: give true or false",
        "batch_size: 064 | batch_size: 064 cannot be used: give a whole number",
        "batch_size: 0x40 | batch_size: 0x40 cannot be used",
        "batch_size: 0b11 | batch_size: 0b11 cannot be used",
        "batch_size: 1_000 | batch_size: 1_000 cannot be used",
        "batch_size: 1:30 | batch_size: 1:30 cannot be used",
        "batch_size: '64' | batch_size: 64 cannot be used",
        "lr: .nan | lr: .nan cannot be used: give a number",
        "lr: NaN | learning rate NaN cannot be used",
        "lr: 1e999 | lr: 1e999 cannot be used: give a number",
        "lr: true | lr: true cannot be used: give a number",
        "lr: [0.1] | lr: [0.1] cannot be used: give a number",
        "lr: {a: 1} | lr: {\"a\":1} cannot be used: give a number",
        "schedule: 1 | schedule: 1 cannot be used: give one of [\"epoch\", \"step\"]",
        "schedule: Epoch | schedule: Epoch cannot be used: give one of",
        "lr: !!float 1 | tag:yaml.org,2002:float",
        "lr: !!javax.script.ScriptEngineManager [] | ScriptEngineManager",
        "lr: &a [*a] | aliases",
        "augmentation: &a {mixup: 0}, <<: *a | aliases",
        "[lr]: 1 | a key is no word"
      })
  void aValueIsTakenAsItIsWrittenOrRefused(String training, String named) throws IOException {
    whatCannotBeUsedIsNamedInOneLine("training: {" + training + "}", named);
  }

  @Test
  void nothingIsDroppedInSilence() throws IOException {
    whatCannotBeUsedIsNamedInOneLine(
        "training:\n  lr: 0.1\n  lr: 0.2\n",
        "the key 'lr' is given twice, as 0.1 and as 0.2 (line 3)");
    whatCannotBeUsedIsNamedInOneLine("training: {lr: 0.1}\n---\ntraining: {lr: 0.2}\n", "line 2");
    whatCannotBeUsedIsNamedInOneLine(
        "training: {lr: 0.1}\ntraining: {}\n", "'training' is given twice");
    whatCannotBeUsedIsNamedInOneLine("model: {arch: 18}", "18");
    whatCannotBeUsedIsNamedInOneLine("model: {arch: }", "arch: null");
    whatCannotBeUsedIsNamedInOneLine("model: {width: 1e400}", "width: 1e400");
    whatCannotBeUsedIsNamedInOneLine("model: {customize: 1}", "customize: 1 cannot be used");
    whatCannotBeUsedIsNamedInOneLine(
        "training: {epochs: " + "9".repeat(100_000) + "}", "epochs: 999");
  }

  @Test
  void aliasesThatGrowAreRefused() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
    }
    whatCannotBeUsedIsNamedInOneLine(bomb.toString(), "aliases");
  }

  /** As the first version with recipes wrote it beside its checkpoints. */
  @Test
  void whatEarlierVersionsWroteIsRead() throws IOException {
    RecipeFile old =
        RecipeFile.read(
            file(
                """
                model:
                  arch: mobilenet_v2
                  customize: true
                  image_size: 224
                  width: 1.0
                  small_stem: false
                  adapted: false
                training:
                  epochs: 150
                  warmup_epochs: 0
                  schedule: epoch
                  lr: 0.05
                  eta_min: 0.0
                  optimizer: sgd
                  momentum: 0.9
                  weight_decay: 4.0E-5
                  exclude_norms_and_biases: false
                  batch_size: 256
                  accumulate: 1
                  label_smoothing: 0.0
                  ema_decay: 0.0
                  clip_norm: 0.0
                  drop_path: 0.0
                  patience: 0
                  augmentation:
                    color_jitter: []
                    trivial_augment: false
                    random_erasing: 0.0
                    mixup: 0.0
                    cutmix: 0.0
                  seed: -9223372036854775808
                  adapters_only: false
                """),
            "resnet18");
    assertThat(old.model()).isEqualTo(new ModelSpec("mobilenet_v2", true, 224, 1, false));
    assertThat(old.training()).isEqualTo(Recipe.of("mobilenet_v2").withSeed(Long.MIN_VALUE));
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> RecipeFile.read(missing, "resnet18"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(missing + " cannot be read");
  }
}
