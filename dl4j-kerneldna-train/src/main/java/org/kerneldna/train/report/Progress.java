package org.kerneldna.train.report;

/** Shows how far a pass over batches has come: a bar on a terminal, else lines in the log. */
public interface Progress extends AutoCloseable {

  /**
   * One more batch is done.
   *
   * @param figures what to show beside the progress
   */
  void step(String figures);

  @Override
  void close();

  /**
   * Starts showing progress.
   *
   * @param task what is being done, a few words
   * @param batches expected number of steps
   * @param every steps from one line to the next where there is no terminal; 0: no lines
   */
  static Progress start(String task, int batches, int every) {
    return System.console() == null
        ? new ProgressLines(task, batches, every)
        : new ProgressOnTerminal(task, batches);
  }
}
