package org.kerneldna.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.TaskCreator;
import org.deeplearning4j.arbiter.optimize.api.data.DataProvider;
import org.deeplearning4j.arbiter.optimize.api.data.DataSource;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;
import org.deeplearning4j.arbiter.optimize.runner.CandidateInfo;
import org.deeplearning4j.arbiter.optimize.runner.CandidateStatus;
import org.deeplearning4j.arbiter.optimize.runner.IOptimizationRunner;
import org.deeplearning4j.arbiter.optimize.runner.listener.StatusListener;
import org.kerneldna.sweep.journal.Event;
import org.kerneldna.sweep.journal.Event.Failed;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.trial.Cost;
import org.kerneldna.sweep.trial.Epoch;
import org.kerneldna.sweep.trial.Reason;
import org.kerneldna.sweep.trial.Trial;
import org.kerneldna.train.io.InputException;

/**
 * Arbiter's tasks: each trains a candidate as far as it was started for. To Arbiter also one that
 * fails is complete, without a score, for it would not report it to the generator otherwise.
 */
@Slf4j
@RequiredArgsConstructor
final class Attempts implements TaskCreator {

  private final Trial trial;
  private final CandidateFolders folders;
  private final SweepClock clock;
  private final SweepListener listener;

  @Override
  @SuppressWarnings("rawtypes")
  public Callable<OptimizationResult> create(
      Candidate candidate,
      DataProvider data,
      ScoreFunction score,
      List<StatusListener> listeners,
      IOptimizationRunner runner) {
    return () -> result(candidate, attempt((Started) candidate.getValue()));
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Callable<OptimizationResult> create(
      Candidate candidate,
      Class<? extends DataSource> data,
      Properties properties,
      ScoreFunction score,
      List<StatusListener> listeners,
      IOptimizationRunner runner) {
    return create(candidate, null, score, listeners, runner);
  }

  private static OptimizationResult result(Candidate<?> candidate, Event event) {
    int index = candidate.getIndex();
    CandidateInfo info = new CandidateInfo();
    info.setIndex(index);
    info.setCandidateStatus(CandidateStatus.Complete);
    return new OptimizationResult(candidate, null, index, event, info, null);
  }

  /** Whatever goes wrong is the candidate's failure: Arbiter would wait forever for its result. */
  private Event attempt(Started started) {
    try {
      Event finished = train(started);
      folders.write(started.candidate(), finished);
      return finished;
    } catch (Throwable e) {
      log.debug("candidate {} failed", started.candidate(), e);
      return failed(started.candidate(), Reason.of(e));
    }
  }

  private Event failed(int candidate, String reason) {
    Event failed = new Failed(candidate, reason, clock.seconds());
    try {
      folders.write(candidate, failed);
    } catch (InputException e) {
      log.warn("{}", e.getMessage());
    }
    return failed;
  }

  private Finished train(Started started) {
    int number = started.candidate();
    folders.write(number, started.settings());
    List<Epoch> curve = new ArrayList<>();
    Cost cost =
        trial.train(
            started.settings(),
            folders.of(number),
            started.epochs(),
            epoch -> {
              requireFinite(epoch);
              curve.add(epoch);
              folders.write(number, curve);
              listener.epochDone(started, epoch);
            });
    return new Finished(number, curve.stream().map(Epoch::top1).toList(), cost, clock.seconds());
  }

  private static void requireFinite(Epoch epoch) {
    if (!Double.isFinite(epoch.top1())) {
      throw new InputException("top-1 of epoch %d is %s".formatted(epoch.epoch(), epoch.top1()));
    }
  }
}
