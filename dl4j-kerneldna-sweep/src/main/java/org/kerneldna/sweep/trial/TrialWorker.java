package org.kerneldna.sweep.trial;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.WorkerMessage.EpochDone;
import org.kerneldna.sweep.trial.WorkerMessage.Failure;
import org.kerneldna.sweep.trial.WorkerMessage.Trained;
import org.kerneldna.train.io.InputException;

/**
 * A process that trains candidates, one after the other, by a {@link Training}, with a share of the
 * processors and of the memory. It ends when this process does. What it prints beside the
 * candidates' {@code log.txt}, such as the JVM's own last words, goes to a file for all workers.
 */
final class TrialWorker implements AutoCloseable {

  /** Variable by which the process knows what to say when it calls. */
  static final String SECRET = "KERNELDNA_WORKER_SECRET";

  /** Status by which Linux tells that it killed a process, as it does where memory is short. */
  private static final int KILLED = 128 + 9;

  private static final int SECONDS_TO_END = 10;

  private final Duration timeout;
  private final Path log;
  private final Process process;
  private final Wire wire;

  /** What to do. */
  record Order(Task task, Settings settings, String folder, int epochs) {}

  /**
   * Starts the process.
   *
   * @param share one in so many of the processors and bytes of memory that this process may use
   * @param timeout after which a process that has not told of any step is taken to hang
   * @param log gets what it prints
   * @param main what it runs: {@link WorkerMain}
   * @throws InputException if it ends, or hangs, before it takes orders
   */
  TrialWorker(int share, Duration timeout, Path log, Class<?> main) {
    this.timeout = timeout;
    this.log = log;
    String secret = UUID.randomUUID().toString();
    try (ServerSocket server = Wire.listen()) {
      process = start(share, main, server.getLocalPort(), secret);
      process.onExit().thenRun(() -> close(server));
      wire = connect(server, secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start(int share, Class<?> main, int port, String secret) throws IOException {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / share);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Xmx" + Runtime.getRuntime().maxMemory() / share);
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.add(Integer.toString(port));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().put(SECRET, secret);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(log.toFile()))
        .start();
  }

  private Wire connect(ServerSocket server, String secret) throws IOException {
    try {
      server.setSoTimeout(Math.toIntExact(timeout.toMillis()));
      Wire caller = Wire.accept(server, secret);
      caller.patience(timeout);
      return caller;
    } catch (SocketTimeoutException e) {
      throw hung(e);
    } catch (SocketException e) {
      throw ended();
    }
  }

  private static void close(Closeable server) {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Trains a candidate. After an exception the process is of no more use.
   *
   * @throws InputException whose message is the reason for which it could not be trained
   */
  Cost train(Order order, Consumer<Epoch> onEpoch) {
    try {
      wire.send(order);
      return follow(onEpoch);
    } catch (SocketTimeoutException e) {
      throw hung(e);
    } catch (SocketException e) {
      throw ended();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Cost follow(Consumer<Epoch> onEpoch) throws IOException {
    while (true) {
      WorkerMessage message = wire.receive(WorkerMessage.class);
      if (message == null) {
        throw ended();
      } else if (message instanceof Failure failure) {
        throw new InputException(failure.reason());
      } else if (message instanceof Trained trained) {
        return trained.cost();
      } else if (message instanceof EpochDone done) {
        onEpoch.accept(done.epoch());
      }
    }
  }

  private InputException hung(SocketTimeoutException e) {
    close();
    return new InputException(
        "it made no step for %s minutes, see %s: if that is slow and not hung, give a greater timeout_minutes"
            .formatted(minutes(), log),
        e);
  }

  private String minutes() {
    return new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT))
        .format(timeout.toMillis() / 60e3);
  }

  private InputException ended() {
    try {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        close();
        return new InputException("its process hung up: see " + log);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    int status = process.exitValue();
    return new InputException(
        "its process ended with status %d%s: see %s"
            .formatted(status, status == KILLED ? ", killed, perhaps for memory" : "", log));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    if (wire != null) {
      close(wire);
    }
  }
}
