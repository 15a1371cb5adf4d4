package org.kerneldna.sweep.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.sweep.FewImages;
import org.kerneldna.sweep.space.Modulation;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.data.Augmentation;
import org.kerneldna.train.io.InputException;

class TrainingTest {

  private static final Settings SETTINGS =
      Settings.builder()
          .arch("resnet18")
          .customize(true)
          .plainClusters(1)
          .gateRatio(2)
          .modulation(Modulation.FILTER)
          .width(0.125)
          .lr(0.02)
          .weightDecay(1e-4)
          .momentum(0.9)
          .batchSize(8)
          .epochs(2)
          .warmupEpochs(0)
          .build();

  @TempDir private Path folder;

  @Test
  void goesOnAsIfItHadNotStopped() throws IOException {
    AtomicInteger steps = new AtomicInteger();
    Task task = new Task(FewImages.in(folder).toString(), 16, true, 3, true);
    Training training = new Training(task, steps::incrementAndGet);
    Path stopped = folder.resolve("stopped");
    List<Epoch> first = new ArrayList<>();
    training.train(SETTINGS, stopped, 1, first::add);
    List<Epoch> then = new ArrayList<>();
    Cost cost = training.train(SETTINGS, stopped, 2, then::add);
    List<Epoch> atOnce = new ArrayList<>();
    training.train(SETTINGS, folder.resolve("at-once"), 2, atOnce::add);

    // Of 24 images by 8, and 12 to evaluate; twice 2 epochs.
    assertThat(steps.get()).isGreaterThanOrEqualTo(4 * (3 + 2));
    assertThat(first).hasSize(1);
    assertThat(then).hasSize(2).startsWith(first.get(0)).isEqualTo(atOnce);
    assertThat(then).extracting(Epoch::epoch).containsExactly(1, 2);
    assertThat(latest(stopped).graph().params())
        .isEqualTo(latest(folder.resolve("at-once")).graph().params());
    assertThat(cost.parameters()).isEqualTo(latest(stopped).complexity().parameters());
    assertThat(cost.latencyMs()).isPositive();
    assertThat(latest(stopped).card().model().adapted()).isTrue();

    List<Epoch> again = new ArrayList<>();
    training.train(SETTINGS, stopped, 2, again::add);
    assertThat(again).isEqualTo(then);
  }

  @Test
  void learnsByTheRecipeOfItsSettings() throws IOException {
    Training training = training();
    Settings settings =
        SETTINGS.toBuilder()
            .labelSmoothing(0.1)
            .colorJitter(0.4)
            .trivialAugment(true)
            .randomErasing(0.25)
            .mixup(0.2)
            .cutmix(1)
            .build();
    Recipe plain =
        Recipe.builder()
            .epochs(2)
            .lr(0.02)
            .weightDecay(1e-4)
            .momentum(0.9)
            .batchSize(8)
            .seed(3)
            .build();
    Augmentation augmentation = new Augmentation(List.of(0.4), true, 0.25, 0.2, 1);

    training.train(SETTINGS, folder.resolve("plain"), 1, epoch -> {});
    training.train(settings, folder.resolve("augmented"), 1, epoch -> {});

    assertThat(latest(folder.resolve("plain")).card().recipe()).isEqualTo(plain);
    assertThat(latest(folder.resolve("augmented")).card().recipe())
        .isEqualTo(plain.withLabelSmoothing(0.1).withAugmentation(augmentation));
  }

  @Test
  void aTrainingThatDivergesFails() throws IOException {
    Settings settings = SETTINGS.toBuilder().lr(1e6).epochs(9).build();
    Training training = training();
    assertThatThrownBy(() -> training.train(settings, folder.resolve("diverges"), 9, epoch -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("diverged");
  }

  @Test
  void looksIntoTheImagesBeforehand() {
    Path unpacked = Training.images(Training.FASHION_MINI, folder.resolve("unpacked"));
    assertThat(unpacked).isEqualTo(folder.resolve("unpacked"));
    assertThat(Files.isDirectory(unpacked.resolve("train"))).isTrue();
    assertThatThrownBy(() -> Training.images(folder.resolve("none").toString(), folder))
        .isInstanceOf(InputException.class);
  }

  private Training training() throws IOException {
    return new Training(new Task(FewImages.in(folder).toString(), 16, true, 3, false));
  }

  private static Checkpoint latest(Path folder) {
    return Checkpoint.load(folder.resolve("latest.zip"));
  }
}
