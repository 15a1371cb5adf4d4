package org.kerneldna.sweep;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Event;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Opened;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.journal.Journal;
import org.kerneldna.sweep.search.Draws;
import org.kerneldna.sweep.search.Draws.Draw;
import org.kerneldna.sweep.search.Ranking;
import org.kerneldna.sweep.search.Search.By;
import org.kerneldna.sweep.search.SuccessiveHalving;
import org.kerneldna.sweep.search.SuccessiveHalving.Promotion;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.train.io.InputException;

/**
 * Tells Arbiter's runner what to train next: what an interruption left unfinished, else a candidate
 * that goes on to the next rung, else a new one of another generator. The runner asks and reports
 * in one thread, so that the events are told in the order in which the other generator saw them;
 * told again in that order, it comes to where it was.
 */
final class SweepGenerator implements CandidateGenerator {

  private final SweepConfig config;
  private final Optional<SuccessiveHalving> halving;
  private final CandidateGenerator drawing;
  private final Draws draws;
  private final History history = new History();
  private final Map<Integer, double[]> genes = new HashMap<>();
  private final Deque<Started> interrupted = new ArrayDeque<>();
  private final Journal journal;
  private final SweepClock clock;
  private final SweepListener listener;
  private int running;

  SweepGenerator(SweepConfig config, Journal journal, SweepClock clock, SweepListener listener) {
    this.config = config;
    this.halving = config.successiveHalving();
    this.drawing = config.search().generator(config.parameterSpace(), config.seed());
    this.draws = new Draws(drawing, config.search().by() == By.GRID);
    this.journal = journal;
    this.clock = clock;
    this.listener = listener;
    journal.past().forEach(this::replay);
    tell(new Opened(config, clock.seconds()));
    history.candidates().stream()
        .filter(Candidate::running)
        .map(candidate -> started(candidate.number(), candidate.settings(), candidate.epochs()))
        .forEach(interrupted::add);
  }

  private void replay(Event event) {
    if (event instanceof Started started && isNew(started)) {
      genes.put(started.candidate(), drawAgain(started).genes());
    }
    take(event);
  }

  private boolean isNew(Started started) {
    return started.settings() != null && history.candidate(started.candidate()).isEmpty();
  }

  private Draw drawAgain(Started started) {
    return draws
        .again(started.settings())
        .orElseThrow(
            () ->
                new InputException(
                    "candidate %d of this sweep is not drawn any more: another version drew it, give another --out"
                        .formatted(started.candidate())));
  }

  /** What has been tried so far. */
  History history() {
    return history;
  }

  /** Whether nothing is being trained, and nothing is left to be. */
  boolean isDone() {
    return running == 0 && !hasMoreCandidates();
  }

  /**
   * Whether something can be started now. While all are busy nothing is drawn, so that a draw and
   * its start are not parted by a result: in the journal there are only starts.
   */
  @Override
  public boolean hasMoreCandidates() {
    boolean inTime = config.hours() == null || clock.seconds() < config.hours() * 3600;
    return inTime
        && running < config.parallel()
        && (!interrupted.isEmpty() || promotion().isPresent() || mayDraw());
  }

  private boolean mayDraw() {
    boolean wanted =
        config.candidates() == null || history.candidates().size() < config.candidates();
    return wanted && draws.hasNext();
  }

  @Override
  public org.deeplearning4j.arbiter.optimize.api.Candidate<Started> getCandidate() {
    Started next =
        interrupted.isEmpty() ? promotion().orElseGet(this::drawNext) : interrupted.remove();
    tell(next);
    running++;
    return new org.deeplearning4j.arbiter.optimize.api.Candidate<>(
        () -> next, next.candidate(), genes.get(next.candidate()));
  }

  private Started drawNext() {
    int number = history.candidates().size();
    Draw draw = draws.next();
    genes.put(number, draw.genes());
    int epochs = halving.map(h -> h.rungs().get(0)).orElse(draw.settings().epochs());
    return started(number, draw.settings(), epochs);
  }

  private Optional<Started> promotion() {
    return halving.flatMap(this::promotion);
  }

  private Optional<Started> promotion(SuccessiveHalving halving) {
    Collection<Candidate> all = history.candidates();
    List<List<Integer>> finished =
        halving.rungs().stream().map(epochs -> finished(all, epochs)).toList();
    List<Set<Integer>> begun =
        halving.rungs().stream()
            .map(
                epochs ->
                    all.stream()
                        .filter(candidate -> candidate.epochs() >= epochs)
                        .map(Candidate::number)
                        .collect(Collectors.toSet()))
            .toList();
    Optional<Promotion> promotion = halving.promotion(finished, begun);
    return promotion.map(
        p ->
            started(
                p.candidate(),
                history.candidate(p.candidate()).orElseThrow().settings(),
                halving.rungs().get(p.rung())));
  }

  /** Those that have done so many epochs, best first. */
  private List<Integer> finished(Collection<Candidate> all, int epochs) {
    Ranking<Candidate> ranking =
        new Ranking<>(
            candidate -> candidate.scoreAfter(epochs),
            candidate -> config.against() == null ? 0 : config.against().of(candidate.cost()));
    return ranking.bestFirst(all.stream().filter(c -> c.top1().size() >= epochs).toList()).stream()
        .map(Candidate::number)
        .toList();
  }

  private Started started(int candidate, Settings settings, int epochs) {
    return new Started(candidate, settings, epochs, clock.seconds());
  }

  @Override
  public void reportResults(OptimizationResult result) {
    running--;
    tell((Event) result.getModelSpecificResults());
  }

  private void tell(Event event) {
    journal.add(event);
    take(event);
    listener.changed(history);
  }

  private void take(Event event) {
    boolean first =
        event instanceof Finished finished
            && history.candidate(finished.candidate()).map(c -> c.cost() == null).orElse(false);
    history.add(event);
    if (first) {
      reportToDrawing(((Finished) event).candidate());
    }
  }

  /** The score at the first rung, which all candidates reach. */
  private void reportToDrawing(int number) {
    double score = history.candidate(number).orElseThrow().score();
    var candidate =
        new org.deeplearning4j.arbiter.optimize.api.Candidate<>(
            (Settings) null, number, genes.get(number));
    drawing.reportResults(new OptimizationResult(candidate, score, number, null, null, null));
  }

  @Override
  public ParameterSpace<?> getParameterSpace() {
    return drawing.getParameterSpace();
  }

  /** Does nothing: the configuration has the seed. */
  @Override
  public void setRngSeed(long seed) {}

  @Override
  public Class<?> getCandidateType() {
    return Started.class;
  }
}
