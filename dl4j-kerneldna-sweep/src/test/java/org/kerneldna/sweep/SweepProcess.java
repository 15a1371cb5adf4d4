package org.kerneldna.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.kerneldna.sweep.SweepConfig.Halving;

/** A sweep in a process of its own, to be killed. */
final class SweepProcess {

  static final SweepConfig CONFIG =
      new SweepConfig(
          null,
          null,
          null,
          11L,
          Map.of("lr", Map.of("min", 0.001, "max", 0.2, "scale", "log"), "epochs", 9),
          null,
          new Halving(1, 3),
          null,
          16,
          null,
          1);

  private static final long EPOCH_MS = 60;

  private SweepProcess() {}

  static Process start(Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            SweepProcess.class.getName(),
            folder.toString())
        .inheritIO()
        .start();
  }

  public static void main(String[] args) {
    Sweep.run(CONFIG, Path.of(args[0]), new AnalyticTrial(EPOCH_MS), new SweepListener() {});
    System.exit(0);
  }
}
