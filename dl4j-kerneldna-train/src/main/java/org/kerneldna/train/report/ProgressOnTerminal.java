package org.kerneldna.train.report;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that is drawn again in place, with time left. */
final class ProgressOnTerminal implements Progress {

  private final ProgressBar bar;

  ProgressOnTerminal(String task, int batches) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(batches)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .clearDisplayOnFinish()
            .build();
  }

  @Override
  public void step(String figures) {
    bar.setExtraMessage(" " + figures);
    bar.step();
  }

  @Override
  public void close() {
    bar.close();
  }
}
