package org.kerneldna.sweep.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
    try (TrialWorkers workers = new TrialWorkers(task, 1, Duration.ofMinutes(5), log)) {
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

  @Test
  void whatIsPrintedIsNoMessage() throws IOException {
    List<Epoch> epochs = new ArrayList<>();
    try (TrialWorkers workers = stubs(Duration.ofMinutes(1))) {
      assertThat(workers.train(named("prints"), folder, 1, epochs::add)).isEqualTo(StubWorker.COST);
      assertThat(workers.train(named("prints"), folder, 1, epochs::add)).isEqualTo(StubWorker.COST);
    }
    assertThat(epochs).containsExactly(new Epoch(1, 0.5, 50), new Epoch(1, 0.5, 50));
    assertThat(folder.resolve("workers.txt")).content().contains("trained").contains("more");
  }

  @Test
  void errorsAndEndsAreReasonsOfOneLine() {
    try (TrialWorkers workers = stubs(Duration.ofMinutes(1))) {
      assertFails(workers, "overflows", "StackOverflowError");
      assertFails(workers, "größer als ∞", "größer als ∞");
      assertFails(workers, "halts", "its process ended with status 3: see " + folder);
    }
  }

  @Test
  void oneThatHangsIsEnded() throws Exception {
    try (TrialWorkers workers = stubs(Duration.ofSeconds(4))) {
      assertFails(workers, "hangs", "it made no step for 0.07 minutes, see " + folder);
    }
    Optional<ProcessHandle> hung =
        ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("pid"))));
    if (hung.isPresent()) {
      assertThat(hung.get().onExit().get(10, TimeUnit.SECONDS).isAlive()).isFalse();
    }
  }

  private void assertFails(TrialWorkers workers, String stub, String reason) {
    assertThatThrownBy(() -> workers.train(named(stub), folder, 1, epoch -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(reason)
        .message()
        .hasLineCount(1);
  }

  private TrialWorkers stubs(Duration timeout) {
    Task task = new Task("none", 16, true, 3, false);
    return new TrialWorkers(task, 1, timeout, folder.resolve("workers.txt"), StubWorker.class);
  }

  private static Settings named(String stub) {
    return SETTINGS.toBuilder().arch(stub).build();
  }

  /** Every process says once what ND4J runs on. */
  private static long starts(Path log) throws IOException {
    return Files.readAllLines(log).stream().filter(line -> line.contains("ND4J")).count();
  }
}
