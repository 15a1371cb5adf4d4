package org.kerneldna.sweep.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.sweep.trial.TrialWorker.Order;
import org.kerneldna.sweep.trial.WorkerMessage.Alive;
import org.kerneldna.sweep.trial.WorkerMessage.EpochDone;
import org.kerneldna.sweep.trial.WorkerMessage.Failure;
import org.kerneldna.sweep.trial.WorkerMessage.Trained;
import org.kerneldna.train.cli.Surroundings;

/**
 * The process of a {@link TrialWorker}: does one order after the other, until there are no more.
 */
@Slf4j
@RequiredArgsConstructor
final class WorkerMain {

  private static final long BETWEEN_SIGNS_OF_LIFE_NANOS = 1_000_000_000;

  private final Wire wire;

  /** Makes a trial that tells of every step. */
  private final BiFunction<Task, Runnable, Trial> trials;

  private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
  private long lastSign = System.nanoTime();

  public static void main(String[] args) throws InterruptedException, IOException {
    Surroundings.prepare();
    serve(args, Training::new);
  }

  /** Does orders, each by a trial that is told what to run after every step. */
  static void serve(String[] args, BiFunction<Task, Runnable, Trial> trials)
      throws InterruptedException, IOException {
    Wire wire = Wire.call(Integer.parseInt(args[0]), System.getenv(TrialWorker.SECRET));
    new WorkerMain(wire, trials).serve();
  }

  private void serve() throws InterruptedException, IOException {
    Thread reader = new Thread(this::read);
    reader.setDaemon(true);
    reader.start();
    while (true) {
      wire.send(train(orders.take()));
    }
  }

  private WorkerMessage train(Order order) {
    try {
      Cost cost =
          trials
              .apply(order.task(), this::stepDone)
              .train(
                  order.settings(),
                  Path.of(order.folder()),
                  order.epochs(),
                  epoch -> send(new EpochDone(epoch)));
      return new Trained(cost);
    } catch (Throwable e) { // Whatever it is, it is the reason why this candidate failed.
      log.error("{} failed", order.folder(), e);
      return new Failure(Reason.of(e));
    }
  }

  /** Steps may be many in a second. */
  private void stepDone() {
    if (System.nanoTime() - lastSign > BETWEEN_SIGNS_OF_LIFE_NANOS) {
      send(new Alive());
      lastSign = System.nanoTime();
    }
  }

  private void send(WorkerMessage message) {
    try {
      wire.send(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends this process, whatever it does, when the one that gives the orders has ended. */
  private void read() {
    try {
      for (Order order = wire.receive(Order.class);
          order != null;
          order = wire.receive(Order.class)) {
        orders.add(order);
      }
    } catch (IOException e) {
      log.warn("cannot tell whether the sweep goes on", e);
    }
    Runtime.getRuntime().halt(0);
  }
}
