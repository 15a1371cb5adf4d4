package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.CheckpointFolder;
import org.kerneldna.train.TestImages;
import org.slf4j.LoggerFactory;

/** What becomes of a training that does not come to its end. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FaultsTest {

  /** Epochs that no test waits for. */
  private static final int ENDLESS = 100_000;

  private static Path data;

  /** Checkpoints of a whole epoch, and of its last step. */
  private static Path trained;

  @TempDir Path temp;
  private Path folder;

  @BeforeAll
  static void trainAnEpoch(@TempDir Path images, @TempDir Path checkpoints) throws IOException {
    data = TestImages.unpack(images, 3);
    trained = checkpoints;
    Run run =
        Run.of(
            arguments(
                    checkpoints,
                    1,
                    "--save-every=1",
                    "--keep=3",
                    "--json",
                    "" + checkpoints.resolve("train.json"))
                .toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @BeforeEach
  void nameFolder() {
    folder = temp.resolve("checkpoints");
  }

  private void goOnFromTheTrained() throws IOException {
    Files.createDirectories(folder);
    for (Path file : TestImages.list(trained)) {
      Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private List<String> train(int epochs, String... options) {
    return arguments(folder, epochs, options);
  }

  private static List<String> arguments(Path folder, int epochs, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--small-stem",
                "--image-size=16",
                "--width=0.125",
                "--batch-size=10",
                "--workers=1",
                "--print-freq=1",
                "--epochs=" + epochs,
                "--data",
                data.toString(),
                "--ckpt-dir",
                folder.toString()));
    arguments.addAll(List.of(options));
    return arguments;
  }

  private Run run(int epochs, String... options) {
    return Run.of(train(epochs, options).toArray(String[]::new));
  }

  private Card newest() {
    return CheckpointFolder.newest(folder).orElseThrow().checkpoint().card();
  }

  private static int steps(Card card) {
    return 3 * card.epoch() + card.progress().step();
  }

  /** The command line in a process of its own, which can be killed. */
  private static final class Child implements AutoCloseable {

    private final Process process;
    private final Path output;

    Child(Path output, List<String> before, List<String> arguments) throws IOException {
      this.output = output;
      ProcessBuilder builder =
          KernelDNAProcess.of(List.of("-XX:-UsePerfData"), arguments)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.command().addAll(0, before);
      process = builder.start();
    }

    /** Waits until it has done so many steps since its start. */
    void awaitSteps(int steps) throws InterruptedException {
      while (output().lines().filter(line -> line.matches(".*train .*: batch .*")).count()
          < steps) {
        assertThat(process.isAlive()).as(this::output).isTrue();
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }

    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    int exitCode() throws InterruptedException {
      return process.waitFor();
    }

    String output() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        return e.toString();
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalSavesAndTellsHowToGoOn(String signal) throws Exception {
    // Shells start what is in the background with SIGINT ignored.
    List<String> env = List.of("env", "--default-signal=INT");
    try (Child child = new Child(temp.resolve("out.txt"), env, train(ENDLESS))) {
      child.awaitSteps(4);
      child.signal(signal);
      assertThat(child.exitCode()).as(child::output).isZero();

      Card card = newest();
      assertThat(child.output())
          .contains("SIG" + signal + ": finishing the step")
          .contains(
              "stopped after %d epochs and %d steps"
                  .formatted(card.epoch(), card.progress().step()));
      List<String> resume = List.of(lastLine(child.output()).strip().split(" "));
      assertThat(resume).startsWith("kerneldna", "train").contains("--small-stem");
      Run resumed =
          Run.of(
              Stream.concat(resume.stream().skip(1), Stream.of("--time-limit=1e-9"))
                  .toArray(String[]::new));
      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(newest()).isEqualTo(card);
    }
  }

  private static String lastLine(String text) {
    return text.lines().reduce((first, second) -> second).orElseThrow();
  }

  @Test
  void killedAtAnyMomentItGoesOnFromItsLastSteps() throws Exception {
    int steps = 0;
    for (int i = 0; i < 2; i++) {
      try (Child child =
          new Child(
              temp.resolve("out.txt"),
              List.of(),
              train(ENDLESS, "--resume=auto", "--save-every=1"))) {
        // By now it saves without pause, for a step takes less time.
        child.awaitSteps(5);
        TimeUnit.MILLISECONDS.sleep(7L * i);
        child.signal("KILL");
        assertThat(child.exitCode()).as(child::output).isEqualTo(128 + 9);
      }
      assertThat(steps(newest())).isGreaterThanOrEqualTo(steps + 4);
      steps = steps(newest());
    }
  }

  @Test
  void aFullDiskLeavesTheLastCheckpoint() throws Exception {
    goOnFromTheTrained();
    // A step that is not the last, since the recipe ends with the epoch.
    Files.delete(folder.resolve("latest.zip"));
    Path last = folder.resolve("epoch-0000-step-000003.zip");
    byte[] content = Files.readAllBytes(last);
    assertThat(content.length).isGreaterThan(200 * 1024);
    List<String> limited = List.of("bash", "-c", "ulimit -f 100; exec \"$@\"", "bash");
    try (Child child = new Child(temp.resolve("out.txt"), limited, train(1, "--resume=auto"))) {
      assertThat(child.exitCode()).as(child::output).isEqualTo(1);
      assertThat(lastLine(child.output()))
          .startsWith("kerneldna train: " + folder)
          .contains("cannot be written", "File too large");
    }
    assertThat(last).hasBinaryContent(content);
    assertThat(newest().progress().step()).isEqualTo(3);
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedBeforeTraining() throws IOException {
    folder = Files.writeString(temp.resolve("file"), "").resolve("checkpoints");
    Run run = run(1);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("kerneldna train: " + folder + " cannot be written into");
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncated", "flipped", "empty"})
  void aDamagedCheckpointIsNamedAndTheOneBeforeIsTaken(String damage) throws IOException {
    goOnFromTheTrained();
    Path latest = folder.resolve("latest.zip");
    Path before = folder.resolve("epoch-0000-step-000003.zip");
    assertThat(before).exists();
    Files.write(latest, damaged(Files.readAllBytes(latest), damage));

    Logger logger = (Logger) LoggerFactory.getLogger("org.kerneldna.train");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    Run resumed = run(1, "--resume", "auto");
    logger.detachAppender(lines);
    logger.setLevel(null);
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.startsWith(latest + " ") && line.contains("trying the one before"))
        .contains("goes on from " + before);
    assertThat(newest().epoch()).isEqualTo(1);
  }

  private static byte[] damaged(byte[] file, String damage) {
    return switch (damage) {
      case "truncated" -> Arrays.copyOf(file, file.length / 2);
      case "flipped" -> {
        file[file.length / 2] ^= 1;
        yield file;
      }
      default -> new byte[0];
    };
  }

  @Test
  void whenAllAreDamagedItSaysSo() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("latest.zip"), "text");
    Run run = run(1, "--resume", "auto");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("all checkpoints in " + folder + " are damaged");
  }

  @Test
  void aDivergedTrainingSaysWhereAndKeepsWhatWasGood() {
    Run run = run(9, "--lr=1e30", "--save-every=1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .containsPattern("epoch 1, step [123]: .*training has diverged: give a lower --lr");
    Card card = newest();
    assertThat(card.epoch()).isZero();
    assertThat(card.progress().lossSum()).isFinite();
  }

  @Test
  void aTimeLimitSavesAndStops() {
    Run run = run(9, "--time-limit=1e-9");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("stopped after 0 epochs and 0 steps; go on with:");
    assertThat(newest().progress().step()).isZero();
  }

  @Test
  void onlyTheLastCheckpointsAndTheBestStay() throws IOException {
    Run run = run(2, "--keep=3", "--save-every=1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(TestImages.list(folder))
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "best.zip",
            "epoch-0001-step-000002.zip",
            "epoch-0001-step-000003.zip",
            "latest.zip",
            "log.txt",
            "recipe.yaml",
            "report.html",
            "summary.csv");
    assertThat(Checkpoint.load(folder.resolve("best.zip")).card().bestTop1())
        .isEqualTo(newest().bestTop1());
  }

  @Test
  void autoStartsWhereThereIsNoCheckpointYet() {
    Run run = run(1, "--resume", "auto");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(newest().epoch()).isEqualTo(1);
  }

  @Test
  void resumedWithinAnEpochItLearnsAsIfItHadNotStopped() throws IOException {
    Path json = temp.resolve("train.json");
    Path step = trained.resolve("epoch-0000-step-000002.zip");
    Run run = run(1, "--resume=" + step, "--json=" + json);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode resumed = history(json);
    JsonNode whole = history(trained.resolve("train.json"));
    for (String loss : List.of("train_loss", "eval_loss")) {
      assertThat(resumed.get(loss).asDouble())
          .isCloseTo(whole.get(loss).asDouble(), within(1e-6))
          .isPositive();
    }
    assertThat(resumed.get("train_top1")).isEqualTo(whole.get("train_top1"));
  }

  private static JsonNode history(Path json) throws IOException {
    return new ObjectMapper().readTree(json.toFile()).get("history").get(0);
  }
}
