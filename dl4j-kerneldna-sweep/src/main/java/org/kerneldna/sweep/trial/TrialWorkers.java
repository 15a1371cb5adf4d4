package org.kerneldna.sweep.trial;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import lombok.AccessLevel;
import lombok.RequiredArgsConstructor;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.TrialWorker.Order;

/**
 * Trains candidates in processes of their own: OpenMP's threads are counted by process, and one
 * that runs out of memory, crashes or hangs takes no other candidate with it. A process trains one
 * candidate after the other, since the JVM's compiler need learn the code but once; after one that
 * failed there is a new one.
 */
@RequiredArgsConstructor(access = AccessLevel.PACKAGE)
public final class TrialWorkers implements Trial, AutoCloseable {

  private final Task task;

  /** How many candidates are trained at a time, each with an equal share of the machine. */
  private final int parallel;

  /** How long a process may take from one step to the next before it is taken to hang. */
  private final Duration timeout;

  /** Gets what the processes print. */
  private final Path log;

  /** What the processes run. */
  private final Class<?> main;

  private final Queue<TrialWorker> idle = new ConcurrentLinkedQueue<>();

  /** Workers that train by a {@link Training}. */
  public TrialWorkers(Task task, int parallel, Duration timeout, Path log) {
    this(task, parallel, timeout, log, WorkerMain.class);
  }

  @Override
  public Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    TrialWorker worker =
        Objects.requireNonNullElseGet(
            idle.poll(), () -> new TrialWorker(parallel, timeout, log, main));
    try {
      Cost cost = worker.train(new Order(task, settings, folder.toString(), epochs), onEpoch);
      idle.add(worker);
      return cost;
    } catch (RuntimeException e) {
      worker.close();
      throw e;
    }
  }

  /** Ends the processes. */
  @Override
  public void close() {
    idle.forEach(TrialWorker::close);
  }
}
