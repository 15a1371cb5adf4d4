package org.kerneldna.sweep.trial;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.sweep.trial.TrialWorker.Order;
import org.kerneldna.sweep.trial.WorkerMessage.EpochDone;
import org.kerneldna.sweep.trial.WorkerMessage.Failure;
import org.kerneldna.sweep.trial.WorkerMessage.Trained;
import org.kerneldna.train.cli.Surroundings;

/**
 * The process of a {@link TrialWorker}: does one order after the other, until there are no more.
 */
@Slf4j
final class WorkerMain {

  private WorkerMain() {}

  public static void main(String[] args) throws InterruptedException, IOException {
    Surroundings.prepare();
    PrintStream messages = System.out;
    // Nobody else may write there.
    System.setOut(System.err);
    BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(orders));
    reader.setDaemon(true);
    reader.start();
    while (true) {
      Order order = JsonLines.read(orders.take(), Order.class);
      messages.println(JsonLines.write(train(order, messages)));
    }
  }

  private static WorkerMessage train(Order order, PrintStream messages) {
    try {
      Cost cost =
          new Training(order.task())
              .train(
                  order.settings(),
                  Path.of(order.folder()),
                  order.epochs(),
                  epoch -> messages.println(JsonLines.write(new EpochDone(epoch))));
      return new Trained(cost);
    } catch (Exception | OutOfMemoryError e) {
      log.error("{} failed", order.folder(), e);
      return new Failure(Reason.of(e));
    }
  }

  /** Ends this process, whatever it does, when the one that gives the orders has ended. */
  private static void read(BlockingQueue<String> orders) {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
      in.lines().forEach(orders::add);
    } catch (IOException e) {
      log.warn("cannot tell whether the sweep goes on", e);
    }
    Runtime.getRuntime().halt(0);
  }
}
