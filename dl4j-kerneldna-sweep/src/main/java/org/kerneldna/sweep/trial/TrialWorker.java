package org.kerneldna.sweep.trial;

import java.io.BufferedReader;
import java.io.BufferedWriter;
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
import org.kerneldna.sweep.trial.WorkerMessage.EpochDone;
import org.kerneldna.sweep.trial.WorkerMessage.Failure;
import org.kerneldna.sweep.trial.WorkerMessage.Trained;
import org.kerneldna.train.io.InputException;

/**
 * A process that trains candidates, one after the other, by a {@link Training}, with a share of the
 * processors and of the memory. It ends when this process does. What it logs beside the candidates'
 * {@code log.txt}, such as the JVM's own last words, goes to a file for all workers.
 */
final class TrialWorker implements AutoCloseable {

  /** Status by which Linux tells that it killed a process, as it does where memory is short. */
  private static final int KILLED = 128 + 9;

  private final Path log;
  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader messages;

  /** What to do, as the process reads it from its input. */
  record Order(Task task, Settings settings, String folder, int epochs) {}

  /**
   * Starts the process.
   *
   * @param share one in so many of the processors and bytes of memory that this process may use
   * @param log gets what it writes to its standard error
   */
  TrialWorker(int share, Path log) {
    this.log = log;
    try {
      process = start(share, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    orders = process.outputWriter();
    messages = process.inputReader();
  }

  private static Process start(int share, Path log) throws IOException {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / share);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Xmx" + Runtime.getRuntime().maxMemory() / share);
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(WorkerMain.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    return builder.redirectError(Redirect.appendTo(log.toFile())).start();
  }

  /**
   * Trains a candidate. After an exception the process is of no more use.
   *
   * @throws InputException whose message is the reason for which it could not be trained
   */
  Cost train(Order order, Consumer<Epoch> onEpoch) {
    try {
      orders.write(JsonLines.write(order));
      orders.newLine();
      orders.flush();
      Cost cost = follow(onEpoch);
      return cost != null ? cost : fail(process.waitFor());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The last word on the order; null if the process ended without one. */
  private Cost follow(Consumer<Epoch> onEpoch) throws IOException {
    for (String line = messages.readLine(); line != null; line = messages.readLine()) {
      WorkerMessage message = JsonLines.read(line, WorkerMessage.class);
      if (message instanceof Failure failure) {
        throw new InputException(failure.reason());
      } else if (message instanceof Trained trained) {
        return trained.cost();
      }
      onEpoch.accept(((EpochDone) message).epoch());
    }
    return null;
  }

  private Cost fail(int status) {
    throw new InputException(
        "its process ended with status %d%s: see %s"
            .formatted(status, status == KILLED ? ", killed, perhaps for memory" : "", log));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
