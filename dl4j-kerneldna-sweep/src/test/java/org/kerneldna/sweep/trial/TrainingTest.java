package org.kerneldna.sweep.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.sweep.FewImages;
import org.kerneldna.sweep.space.Modulation;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.io.InputException;

class TrainingTest {

  private static final Settings SETTINGS =
      new Settings("resnet18", true, 1, 2, Modulation.FILTER, 0.125, 0.02, 1e-4, 0.9, 8, 2, 0);

  @TempDir private Path folder;

  @Test
  void goesOnAsIfItHadNotStopped() throws IOException {
    Training training = training(true);
    Path stopped = folder.resolve("stopped");
    List<Epoch> first = new ArrayList<>();
    training.train(SETTINGS, stopped, 1, first::add);
    List<Epoch> then = new ArrayList<>();
    Cost cost = training.train(SETTINGS, stopped, 2, then::add);
    List<Epoch> atOnce = new ArrayList<>();
    training.train(SETTINGS, folder.resolve("at-once"), 2, atOnce::add);

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
  void aTrainingThatDivergesFails() throws IOException {
    Settings settings =
        new Settings("resnet18", true, 0, 4, Modulation.BOTH, 0.125, 1e6, 1e-4, 0.9, 8, 9, 0);
    Training training = training(false);
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

  private Training training(boolean latency) throws IOException {
    return new Training(new Task(FewImages.in(folder).toString(), 16, true, 3, latency));
  }

  private static Checkpoint latest(Path folder) {
    return Checkpoint.load(folder.resolve("latest.zip"));
  }
}
