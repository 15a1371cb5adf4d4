package org.kerneldna.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import lombok.RequiredArgsConstructor;
import org.junit.jupiter.api.Test;
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
