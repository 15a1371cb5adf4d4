package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import lombok.RequiredArgsConstructor;
import org.junit.jupiter.api.Test;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ErrorsTest {

  @Command(name = "fail")
  @RequiredArgsConstructor
  private static final class Fail implements Runnable {
    private final Supplier<RuntimeException> failure;

    @Override
    public void run() {
      throw failure.get();
    }
  }

  @Test
  void memoryThatRunsOutIsAMatterOfOptions() {
    assertThat(run(() -> new RuntimeException("std::bad_alloc")))
        .contains("kerneldna fail: out of memory: give a smaller --batch-size");
    assertThat(
            run(
                () -> {
                  throw new OutOfMemoryError("Physical memory usage is too high");
                }))
        .contains("out of memory: give a smaller --batch-size");
  }

  @Test
  void withoutABackendTheBuildIsAnotherMachines() {
    assertThat(
            run(
                () -> {
                  throw new ExceptionInInitializerError(
                      new IllegalStateException(new NoAvailableBackendException("no backend")));
                }))
        .startsWith("kerneldna fail: ND4J can use no processor or GPU here")
        .contains("-Pcuda");
  }

  @Test
  void errorsOfOursAreNamedInALine() {
    assertThat(
            run(
                () -> {
                  throw new StackOverflowError();
                }))
        .isEqualTo("kerneldna fail: failed: java.lang.StackOverflowError (--verbose tells more)");
  }

  @Test
  void aNameWithALineBreakHidesNoRemedy() {
    assertThat(run(() -> new InputException("a\nb.png is no image: remove it")))
        .isEqualTo("kerneldna fail: a?b.png is no image: remove it");
  }

  @Test
  void otherFailuresAreNamed() {
    assertThat(run(() -> new IllegalStateException("so it is")))
        .isEqualTo(
            "kerneldna fail: failed: java.lang.IllegalStateException: so it is"
                + " (--verbose tells more)");
  }

  private static String run(Supplier<RuntimeException> failure) {
    CommandLine command = KernelDNA.commandLine().addSubcommand(new Fail(failure));
    Run run = Run.of(command, "fail");
    assertThat(run.exitCode()).isEqualTo(1);
    return run.err().strip();
  }
}
