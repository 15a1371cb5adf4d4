package org.kerneldna.sweep.trial;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import lombok.RequiredArgsConstructor;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.TrialWorker.Order;

/**
 * Trains candidates in processes of their own: OpenMP's threads are counted by process, and one
 * that runs out of memory, or crashes, takes no other candidate with it. A process trains one
 * candidate after the other, since the JVM's compiler need learn the code but once; after one that
 * failed there is a new one.
 */
@RequiredArgsConstructor
public final class TrialWorkers implements Trial, AutoCloseable {

  private final Task task;

  /** How many candidates are trained at a time, each with an equal share of the machine. */
  private final int parallel;

  /** Gets what the processes write to their standard error. */
  private final Path log;

  private final Queue<TrialWorker> idle = new ConcurrentLinkedQueue<>();

  @Override
  public Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    TrialWorker worker =
        Objects.requireNonNullElseGet(idle.poll(), () -> new TrialWorker(parallel, log));
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
