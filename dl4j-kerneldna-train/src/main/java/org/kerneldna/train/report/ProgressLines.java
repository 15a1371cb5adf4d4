package org.kerneldna.train.report;

import java.time.Duration;
import lombok.extern.slf4j.Slf4j;

/** A line in the log every so many steps, with time left. */
@Slf4j
final class ProgressLines implements Progress {

  private final String task;
  private final int batches;
  private final int every;
  private final long start = System.nanoTime();
  private int done;

  ProgressLines(String task, int batches, int every) {
    this.task = task;
    this.batches = batches;
    this.every = every;
  }

  @Override
  public void step(String figures) {
    done++;
    if (every > 0 && done % every == 0) {
      log.info("{}: batch {}/{}, {}, {} left", task, done, batches, figures, left());
    }
  }

  private String left() {
    double perBatch = (double) (System.nanoTime() - start) / done;
    Duration left = Duration.ofNanos((long) (perBatch * Math.max(batches - done, 0)));
    return "%d:%02d:%02d".formatted(left.toHours(), left.toMinutesPart(), left.toSecondsPart());
  }

  @Override
  public void close() {}
}
