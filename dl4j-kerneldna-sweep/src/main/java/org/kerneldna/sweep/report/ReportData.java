package org.kerneldna.sweep.report;

import java.util.List;
import java.util.Locale;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;

/** What the page shows, as its script reads it. */
record ReportData(SweepConfig config, double seconds, List<Row> candidates, List<Score> scores) {

  /**
   * A candidate.
   *
   * @param score best top-1, percent; null if there is none
   */
  record Row(
      int number,
      String status,
      Settings settings,
      Double score,
      List<Double> top1,
      Cost cost,
      String reason) {

    static Row of(Candidate candidate) {
      return new Row(
          candidate.number(),
          candidate.status().toString().toLowerCase(Locale.ROOT),
          candidate.settings(),
          candidate.isScored() ? candidate.score() : null,
          candidate.top1(),
          candidate.cost(),
          candidate.reason());
    }
  }

  /** A score that was reached. */
  record Score(double seconds, int candidate, double top1) {

    static Score of(Finished event) {
      double best = event.top1().stream().mapToDouble(Double::doubleValue).max().orElse(0);
      return new Score(event.seconds(), event.candidate(), best);
    }
  }

  static ReportData of(History history) {
    return new ReportData(
        history.config().orElseThrow(),
        history.seconds(),
        history.candidates().stream().map(Row::of).toList(),
        history.events().stream()
            .filter(Finished.class::isInstance)
            .map(event -> Score.of((Finished) event))
            .toList());
  }
}
