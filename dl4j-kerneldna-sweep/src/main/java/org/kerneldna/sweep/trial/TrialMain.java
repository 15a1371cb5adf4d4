package org.kerneldna.sweep.trial;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.sweep.JsonLines;
import org.kerneldna.sweep.trial.TrialMessage.EpochDone;
import org.kerneldna.sweep.trial.TrialMessage.Failure;
import org.kerneldna.sweep.trial.TrialMessage.Trained;
import org.kerneldna.sweep.trial.TrialProcess.Order;

/** The process of a {@link TrialProcess}. */
@Slf4j
final class TrialMain {

  private TrialMain() {}

  public static void main(String[] args) throws IOException {
    PrintStream messages = System.out;
    // Nobody else may write there.
    System.setOut(System.err);
    BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
    Order order = JsonLines.read(orders.readLine(), Order.class);
    endWith(orders);
    messages.println(JsonLines.write(train(order, messages)));
    System.exit(0);
  }

  private static TrialMessage train(Order order, PrintStream messages) {
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
      log.error("failed", e);
      return new Failure(Reason.of(e));
    }
  }

  /** Ends this process when the one that started it has ended. */
  private static void endWith(BufferedReader orders) {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (orders.read() >= 0) {}
              } catch (IOException e) {
                log.warn("cannot tell whether the sweep goes on", e);
              }
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }
}
