package org.kerneldna.sweep.report;

import java.util.Locale;
import lombok.extern.slf4j.Slf4j;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.SweepListener;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Candidate.Status;
import org.kerneldna.sweep.journal.Event;
import org.kerneldna.sweep.journal.Event.Failed;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.trial.Epoch;

/**
 * Shows how far a sweep has come: a line that is drawn again on a terminal, else lines in the log.
 */
public abstract class SweepProgress implements SweepListener, AutoCloseable {

  /** Starts showing progress. */
  public static SweepProgress start(SweepConfig config) {
    return System.console() == null ? new InLog() : new OnTerminal(config);
  }

  @Override
  public abstract void close();

  private static long over(History history) {
    return history.candidates().size() - history.count(Status.RUNNING);
  }

  private static String figures(History history) {
    String best =
        history
            .best()
            .map(c -> String.format(Locale.ROOT, "best %.2f %% (%d)", c.score(), c.number()))
            .orElse("none scored");
    long failed = history.count(Status.FAILED);
    return failed == 0 ? best : best + ", " + failed + " failed";
  }

  private static final class OnTerminal extends SweepProgress {

    private final ProgressBar bar;
    private String figures = "";

    OnTerminal(SweepConfig config) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("sweep")
              .setInitialMax(config.candidates() == null ? -1 : config.candidates())
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(500)
              .build();
    }

    @Override
    public synchronized void epochDone(Started candidate, Epoch epoch) {
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " %s; %d: epoch %d/%d, %.2f %%",
              figures,
              candidate.candidate(),
              epoch.epoch(),
              candidate.epochs(),
              epoch.top1()));
    }

    @Override
    public synchronized void changed(History history) {
      figures = figures(history);
      bar.setExtraMessage(" " + figures);
      bar.stepTo(over(history));
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  @Slf4j
  private static final class InLog extends SweepProgress {

    @Override
    public void changed(History history) {
      Event last = history.last();
      if (last instanceof Finished finished) {
        Candidate candidate = history.candidate(finished.candidate()).orElseThrow();
        log.info(
            "candidate {}: {} of {} epochs, top-1 {} %; {} of {} over, {}",
            candidate.number(),
            candidate.top1().size(),
            candidate.settings().epochs(),
            String.format(Locale.ROOT, "%.2f", candidate.score()),
            over(history),
            history.candidates().size(),
            figures(history));
      } else if (last instanceof Failed failed) {
        log.warn("candidate {} failed: {}", failed.candidate(), failed.reason());
      }
    }

    @Override
    public void close() {}
  }
}
