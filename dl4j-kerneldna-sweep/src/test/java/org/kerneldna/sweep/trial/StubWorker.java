package org.kerneldna.sweep.trial;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kerneldna.train.io.InputException;

/** A process that does what trainings should not, by the name of the architecture. */
final class StubWorker {

  static final Cost COST = new Cost(5, 7, null);

  private StubWorker() {}

  public static void main(String[] args) throws Exception {
    WorkerMain.serve(
        args,
        (task, onStep) ->
            (settings, folder, epochs, onEpoch) -> {
              onStep.run();
              switch (settings.arch()) {
                case "hangs" -> hang(folder);
                case "prints" -> print("{\"message\":\"trained\"}\nno line");
                case "overflows" -> overflow(0);
                case "halts" -> Runtime.getRuntime().halt(3);
                default -> throw new InputException(settings.arch());
              }
              onEpoch.accept(new Epoch(1, 0.5, 50));
              print("more");
              return COST;
            });
  }

  private static void hang(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("pid"), Long.toString(ProcessHandle.current().pid()));
      Thread.sleep(Long.MAX_VALUE);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As native code prints, whatever System.out is. */
  private static void print(String text) {
    try {
      new FileOutputStream(FileDescriptor.out).write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }
}
