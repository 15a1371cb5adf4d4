package org.kerneldna.sweep.trial;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.TrialMessage.EpochDone;
import org.kerneldna.sweep.trial.TrialMessage.Failure;
import org.kerneldna.sweep.trial.TrialMessage.Trained;
import org.kerneldna.train.io.InputException;

/**
 * Trains each candidate by a {@link Training} in a process of its own, with a share of the
 * processors and of the memory: OpenMP's threads are counted by process, and one that runs out of
 * memory, or crashes, takes no other with it. It ends when this process does. What it logs goes to
 * {@code log.txt} in the candidate's folder.
 */
public final class TrialProcess implements Trial {

  /** Status by which Linux tells that it killed a process, as it does where memory is short. */
  private static final int KILLED = 128 + 9;

  private final Task task;
  private final int threads;
  private final long heap;

  /**
   * @param parallel how many candidates are trained at a time
   */
  public TrialProcess(Task task, int parallel) {
    this.task = task;
    threads = Math.max(1, Runtime.getRuntime().availableProcessors() / parallel);
    heap = Runtime.getRuntime().maxMemory() / parallel;
  }

  /** What to do, as the process reads it from its input. */
  record Order(Task task, Settings settings, String folder, int epochs) {}

  @Override
  public Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    Order order = new Order(task, settings, folder.toString(), epochs);
    Process process = null;
    try {
      process = start(folder);
      // Its input stays open: where it ends, this process has.
      BufferedWriter input = process.outputWriter();
      input.write(JsonLines.write(order));
      input.newLine();
      input.flush();
      Cost cost = follow(process.inputReader(), onEpoch);
      return cost != null ? cost : fail(process.waitFor(), folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private Process start(Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Xmx" + heap);
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(TrialMain.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    File log = folder.resolve("log.txt").toFile();
    return builder.redirectError(Redirect.appendTo(log)).start();
  }

  /** The last word of the process; null if it left without one. */
  private static Cost follow(BufferedReader output, Consumer<Epoch> onEpoch) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      TrialMessage message = JsonLines.read(line, TrialMessage.class);
      if (message instanceof Failure failure) {
        throw new InputException(failure.reason());
      } else if (message instanceof Trained trained) {
        return trained.cost();
      }
      onEpoch.accept(((EpochDone) message).epoch());
    }
    return null;
  }

  private static Cost fail(int status, Path folder) {
    throw new InputException(
        "its process ended with status %d%s: see %s"
            .formatted(
                status,
                status == KILLED ? ", killed, perhaps for memory" : "",
                folder.resolve("log.txt")));
  }
}
