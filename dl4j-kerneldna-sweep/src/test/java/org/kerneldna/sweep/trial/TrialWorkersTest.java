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
import org.kerneldna.train.io.InputException;

class TrialWorkersTest {

  private static final Settings SETTINGS =
      Settings.builder()
          .arch("resnet18")
          .customize(true)
          .gateRatio(4)
          .modulation(Modulation.BOTH)
          .width(0.125)
          .lr(0.02)
          .momentum(0.9)
          .batchSize(8)
          .epochs(2)
          .build();

  @TempDir private Path folder;

  @Test
  void oneProcessTrainsAllUntilOneFails() throws IOException {
    Task task = new Task(FewImages.in(folder).toString(), 16, true, 3, false);
    Path log = folder.resolve("workers.txt");
    List<Epoch> epochs = new ArrayList<>();
    try (TrialWorkers workers = new TrialWorkers(task, 1, log)) {
      workers.train(SETTINGS, folder.resolve("a"), 1, epochs::add);
      Cost cost = workers.train(SETTINGS, folder.resolve("a"), 2, epoch -> {});
      assertThat(cost.parameters()).isPositive();
      assertThat(starts(log)).isOne();

      Settings unusable = SETTINGS.toBuilder().warmupEpochs(3).build();
      assertThatThrownBy(() -> workers.train(unusable, folder.resolve("b"), 1, epoch -> {}))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("warm-up");

      List<Epoch> again = new ArrayList<>();
      workers.train(SETTINGS, folder.resolve("c"), 1, again::add);
      assertThat(again).isEqualTo(epochs);
      assertThat(starts(log)).isEqualTo(2);
    }
    assertThat(folder.resolve("a").resolve("log.txt")).isNotEmptyFile();
  }

  /** Every process says once what ND4J runs on. */
  private static long starts(Path log) throws IOException {
    return Files.readAllLines(log).stream().filter(line -> line.contains("ND4J")).count();
  }
}
