package org.kerneldna.train.cli;

import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.ui.api.UIServer;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.kerneldna.train.io.InputException;

/** DL4J's own page of a training, in a browser while it runs. */
@Slf4j
final class TrainingUi implements AutoCloseable {

  private static final String PORT = "org.deeplearning4j.ui.port";

  /** Steps from one point of its charts to the next, as they cost time. */
  private static final int EVERY = 10;

  private final UIServer server;

  /**
   * @throws InputException if the port cannot be had
   */
  TrainingUi(ComputationGraph graph, int port) {
    System.setProperty(PORT, "" + port);
    InMemoryStatsStorage storage = new InMemoryStatsStorage();
    try {
      server = UIServer.getInstance();
    } catch (RuntimeException e) {
      throw new InputException(
          "--ui %d cannot be used: give another port that is free".formatted(port), e);
    }
    server.attach(storage);
    graph.addListeners(new StatsListener(storage, EVERY));
    log.info("the training is shown at {}", server.getAddress());
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
