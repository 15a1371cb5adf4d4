package org.kerneldna.sweep;

import java.nio.file.Path;
import java.time.Duration;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.arbiter.optimize.api.termination.TerminationCondition;
import org.deeplearning4j.arbiter.optimize.config.OptimizationConfiguration;
import org.deeplearning4j.arbiter.optimize.runner.IOptimizationRunner;
import org.deeplearning4j.arbiter.optimize.runner.LocalOptimizationRunner;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.journal.Journal;
import org.kerneldna.sweep.report.SweepReport;
import org.kerneldna.sweep.search.Against;
import org.kerneldna.sweep.search.Top1;
import org.kerneldna.sweep.trial.Task;
import org.kerneldna.sweep.trial.Training;
import org.kerneldna.sweep.trial.Trial;
import org.kerneldna.sweep.trial.TrialWorkers;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/**
 * Runs sweeps on Arbiter's runner. All that happens is in {@code journal.jsonl}: interrupted at any
 * moment and run again in the same folder, a sweep goes on without training anything twice, but for
 * the epochs that were not done.
 */
@UtilityClass
public class Sweep {

  /**
   * Runs a sweep to its end, or goes on with it. Candidates are trained in {@link TrialWorkers
   * processes of their own}.
   *
   * @param folder is created; has everything that the sweep writes
   * @return what came of it
   * @throws InputException if there are no images, or the folder has a sweep by another
   *     configuration
   */
  public History run(SweepConfig config, Path folder, SweepListener listener) {
    AtomicFile.requireWritable(folder);
    Path images = Training.images(config.data(), folder.resolve(Training.FASHION_MINI));
    Task task =
        new Task(
            images.toAbsolutePath().toString(),
            config.imageSize(),
            config.smallStem(),
            config.seed(),
            config.against() == Against.LATENCY);
    Path log = folder.resolve("workers.txt");
    Duration timeout = Duration.ofMillis(Math.round(config.timeoutMinutes() * 60e3));
    try (TrialWorkers workers = new TrialWorkers(task, config.parallel(), timeout, log)) {
      return run(config, folder, workers, listener);
    }
  }

  /** As {@link #run(SweepConfig, Path, SweepListener)}, with another way to train. */
  public History run(SweepConfig config, Path folder, Trial trial, SweepListener listener) {
    AtomicFile.requireWritable(folder);
    try (Journal journal = Journal.open(journal(folder))) {
      History past = History.of(journal.past());
      requireSame(config, past, folder);
      SweepClock clock = new SweepClock(past.seconds());
      SweepListener all = new SweepReport(folder).and(listener);
      SweepGenerator generator = new SweepGenerator(config, journal, clock, all);
      Attempts attempts = new Attempts(trial, new CandidateFolders(folder), clock, all);
      new LocalOptimizationRunner(config.parallel(), arbiters(generator), attempts).execute();
      return generator.history();
    }
  }

  /**
   * What has come of a sweep so far, whether or not it is running.
   *
   * @throws InputException if there is none in the folder
   */
  public History read(Path folder) {
    return History.of(Journal.read(journal(folder)));
  }

  private Path journal(Path folder) {
    return folder.resolve("journal.jsonl");
  }

  private void requireSame(SweepConfig config, History past, Path folder) {
    if (past.config().isPresent() && !config.continues(past.config().get())) {
      throw new InputException(
          "%s has a sweep by another configuration: only candidates, hours, parallel and timeout_minutes may change, else give another --out"
              .formatted(folder));
    }
  }

  private OptimizationConfiguration arbiters(SweepGenerator generator) {
    return new OptimizationConfiguration.Builder()
        .candidateGenerator(generator)
        .scoreFunction(new Top1())
        .terminationConditions(new Done(generator))
        .build();
  }

  /** When the runner stops. */
  private record Done(SweepGenerator generator) implements TerminationCondition {

    @Override
    public void initialize(IOptimizationRunner runner) {}

    @Override
    public boolean terminate(IOptimizationRunner runner) {
      return generator.isDone();
    }
  }
}
