package org.kerneldna.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.sweep.SweepConfig.Halving;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Candidate.Status;
import org.kerneldna.sweep.journal.Event.Failed;
import org.kerneldna.sweep.journal.Event.Finished;
import org.kerneldna.sweep.journal.Event.Opened;
import org.kerneldna.sweep.journal.Event.Started;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.journal.Journal;
import org.kerneldna.sweep.search.Against;
import org.kerneldna.sweep.search.Search;
import org.kerneldna.sweep.search.Search.By;
import org.kerneldna.sweep.space.Children;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.slf4j.LoggerFactory;

class SweepTest {

  static final Map<String, Object> SPACE =
      Map.of(
          "lr", Map.of("min", 0.001, "max", 0.2, "scale", "log"),
          "width", List.of(0.25, 0.5, 1),
          "gate_ratio", List.of(2, 4),
          "epochs", 9);

  private static final SweepListener SILENT = new SweepListener() {};

  @TempDir private Path folder;

  @Test
  void candidatesHaveFolders() throws IOException {
    History history = run(config(1, new Search(By.RANDOM), 2), "folders");
    Candidate second = history.candidate(1).orElseThrow();
    Path files = new CandidateFolders(folder.resolve("folders")).of(1);
    assertThat(files.resolve("settings.json"))
        .content()
        .contains("\"lr\" : " + second.settings().lr());
    assertThat(files.resolve("result.json")).content().contains("\"top1\"");
    List<String> curve = Files.readAllLines(files.resolve("curve.csv"));
    assertThat(curve).hasSize(10).first().isEqualTo("epoch,train_loss,top1");
    assertThat(curve.get(9)).startsWith("9,0.111111,");
    assertThat(second.status()).isEqualTo(Status.FINISHED);
    assertThat(second.score()).isEqualTo(AnalyticTrial.top1(second.settings(), 9));
  }

  @Test
  void failuresAreRecordedAndTheSweepGoesOn() {
    Map<String, Object> space =
        Map.of(
            "lr", List.of(0.03, 0.5),
            "width", List.of(1, 8),
            "warmup_epochs", List.of(0, 5),
            "epochs", 5);
    SweepConfig grid =
        new SweepConfig(
            null, null, null, 0L, space, new Search(By.GRID), null, null, null, null, null);
    History history = run(grid, "failing");
    assertThat(history.candidates()).hasSize(8);
    for (Candidate candidate : history.candidates()) {
      Settings s = candidate.settings();
      String reason =
          s.warmupEpochs() == 5
              ? "warm-up epochs cannot be used"
              : s.width() == 8
                  ? "out of memory"
                  : s.lr() == 0.5 ? "the loss is NaN, training has diverged" : null;
      assertThat(candidate.reason()).isEqualTo(reason);
      assertThat(candidate.status()).isEqualTo(reason == null ? Status.FINISHED : Status.FAILED);
    }
    assertThat(history.best()).map(Candidate::reason).isEmpty();
  }

  @Test
  void whatIsDoneIsNotDoneAgain() {
    SweepConfig config = halving(new Search(By.RANDOM));
    AnalyticTrial trial = new AnalyticTrial();
    Sweep.run(config, folder.resolve("again"), trial, SILENT);
    int trained = trial.trained.size();
    History again = Sweep.run(config, folder.resolve("again"), trial, SILENT);
    assertThat(trial.trained).hasSize(trained).doesNotHaveDuplicates();
    SweepConfig more =
        new SweepConfig(null, null, null, 3L, SPACE, null, new Halving(1, 3), null, 12, null, 2);
    History extended = Sweep.run(more, folder.resolve("again"), trial, SILENT);
    assertThat(trial.trained).hasSizeGreaterThan(trained).doesNotHaveDuplicates();
    assertThat(settings(extended)).hasSize(12).startsWith(settings(again).toArray(new Settings[0]));
  }

  /** Of eight points, four are of the static network, which has no children. */
  @ParameterizedTest
  @EnumSource
  void whatIsTheSameTrainingIsOneCandidate(By by) {
    Map<String, Object> space =
        Map.of(
            "customize", List.of(true, false),
            "gate_ratio", List.of(2, 4),
            "modulation", List.of("both", "none"),
            "epochs", 2);
    SweepConfig config =
        new SweepConfig(
            null, null, null, 3L, space, new Search(by, 2, 4, 0.1), null, null, 24, null, 2);
    AnalyticTrial trial = new AnalyticTrial();
    History history = Sweep.run(config, folder.resolve("few-" + by), trial, SILENT);
    assertThat(settings(history)).hasSize(5).doesNotHaveDuplicates();
    assertThat(settings(history)).filteredOn(s -> !s.customize()).hasSize(1);
    History again = Sweep.run(config, folder.resolve("few-" + by), trial, SILENT);
    assertThat(outcome(again)).isEqualTo(outcome(history));
    assertThat(trial.trained).hasSize(10);
  }

  @Test
  void aSearchThatHasNothingNewEndsAndCanBeOpenedAgain() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = (Logger) LoggerFactory.getLogger("org.kerneldna.sweep");
    root.addAppender(log);
    try {
      SweepConfig config =
          new SweepConfig(
              null,
              null,
              null,
              3L,
              Map.of("epochs", 3),
              new Search(By.GENETIC),
              new Halving(1, 2),
              null,
              3,
              null,
              null);
      History history = run(config, "nothing-new");
      assertThat(history.candidates()).singleElement().matches(c -> c.status() == Status.STOPPED);
      assertThat(log.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsOnlyOnce("the search ends: it draws nothing that is not among its 1");
      assertThat(outcome(run(config, "nothing-new"))).isEqualTo(outcome(history));
    } finally {
      root.detachAppender(log);
    }
  }

  /** They drew the same training twice, and started what was not drawn at all. */
  @Test
  void goesOnWithASweepOfEarlierVersions() {
    Map<String, Object> space =
        Map.of("customize", List.of(true, false), "gate_ratio", List.of(2, 4), "epochs", 1);
    SweepConfig config =
        new SweepConfig(null, null, null, 3L, space, null, null, null, 6, null, null);
    CandidateGenerator generator =
        config.search().generator(config.parameterSpace(), config.seed());
    Path sweep = folder.resolve("earlier");
    AtomicFile.requireWritable(sweep);
    List<Settings> drawn = new ArrayList<>();
    try (Journal journal = Journal.open(sweep.resolve("journal.jsonl"))) {
      journal.add(new Opened(config, 0));
      for (int i = 0; i < 6; i++) {
        drawn.add((Settings) generator.getCandidate().getValue());
        journal.add(new Started(i, drawn.get(i), 1, i));
        journal.add(new Finished(i, List.of(50.0), new Cost(1, 1, null), i));
      }
      journal.add(new Started(6, null, 1, 6));
      journal.add(new Failed(6, "NullPointerException", 6));
    }
    assertThat(drawn.stream().map(Children::canonical).distinct()).hasSizeLessThan(6);
    AnalyticTrial trial = new AnalyticTrial();
    assertThat(settings(Sweep.run(config, sweep, trial, SILENT))).isEqualTo(drawn);
    assertThat(trial.trained).isEmpty();
  }

  @Test
  void halvingTrainsTheBestToTheEnd() {
    History history = run(halving(new Search(By.RANDOM)), "halving");
    List<Candidate> all = List.copyOf(history.candidates());
    assertThat(all).hasSize(9);
    assertThat(all).filteredOn(c -> c.top1().size() >= 3).hasSizeBetween(3, 5);
    Candidate best = history.best().orElseThrow();
    assertThat(best.top1()).hasSize(9);
    for (Candidate other : all) {
      assertThat(AnalyticTrial.top1(other.settings(), 9)).isLessThanOrEqualTo(best.score());
    }
    assertThat(all).filteredOn(c -> c.status() == Status.STOPPED).isNotEmpty();
  }

  @Test
  void parallelCandidatesAreTheSameOnes() {
    SweepConfig alone = config(4, new Search(By.RANDOM), 6);
    SweepConfig together =
        new SweepConfig(null, null, null, 4L, SPACE, null, null, null, 6, null, 3);
    assertThat(outcome(run(together, "together"))).isEqualTo(outcome(run(alone, "alone")));
  }

  @Test
  void anotherConfigurationNeedsAnotherFolder() {
    run(config(1, new Search(By.RANDOM), 1), "one");
    assertThatThrownBy(() -> run(config(2, new Search(By.RANDOM), 1), "one"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("another configuration");
  }

  @Test
  void nothingIsStartedWhenTheTimeIsUp() {
    SweepConfig brief =
        new SweepConfig(null, null, null, 0L, SPACE, null, null, null, null, 1e-4, null);
    History history = Sweep.run(brief, folder.resolve("brief"), new AnalyticTrial(100), SILENT);
    assertThat(history.candidates()).hasSizeLessThan(3);
    assertThat(history.candidates()).allMatch(c -> c.status() == Status.FINISHED);
  }

  @Test
  void weighsAgainstParameters() {
    SweepConfig config =
        new SweepConfig(
            null, null, null, 1L, SPACE, null, new Halving(1, 3), Against.PARAMETERS, 9, null, 1);
    History history = run(config, "weighed");
    assertThat(history.candidates()).allMatch(c -> c.cost().parameters() > 0);
    assertThat(history.candidates()).anyMatch(c -> c.top1().size() == 9);
  }

  private History run(SweepConfig config, String name) {
    return Sweep.run(config, folder.resolve(name), new AnalyticTrial(), SILENT);
  }

  private static SweepConfig config(long seed, Search search, int candidates) {
    return new SweepConfig(
        null, null, null, seed, SPACE, search, null, null, candidates, null, null);
  }

  private static SweepConfig halving(Search search) {
    return new SweepConfig(
        null, null, null, 3L, SPACE, search, new Halving(1, 3), null, 9, null, null);
  }

  private static List<Settings> settings(History history) {
    return history.candidates().stream().map(Candidate::settings).toList();
  }

  /** All but the time. */
  static List<Object> outcome(History history) {
    return history.candidates().stream()
        .<Object>map(c -> List.of(c.number(), c.settings(), c.top1(), c.status()))
        .toList();
  }
}
