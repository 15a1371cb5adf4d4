package org.kerneldna.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lombok.Builder;
import lombok.Getter;
import lombok.experimental.Accessors;
import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Yaml;
import org.kerneldna.train.report.Progress;
import org.kerneldna.train.report.TrainingReport;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * Trains from a checkpoint to the end of its recipe. After every epoch the network is evaluated,
 * {@code summary.csv} gets a row, {@code report.html} is drawn anew, and the {@link
 * CheckpointFolder} gets the latest checkpoint and, at a new best top-1, the best. Stopped at any
 * step and resumed from its latest checkpoint, training goes on as if it had not been stopped.
 */
@Slf4j
public final class TrainingRun {

  /** Name of the checkpoint of the last step that was saved. */
  public static final String LATEST = CheckpointFolder.LATEST;

  /** Name of the checkpoint of the epoch with the highest top-1. */
  public static final String BEST = CheckpointFolder.BEST;

  private final ComputationGraph graph;

  @Getter
  @Accessors(fluent = true)
  private Card card;

  /** Of the latest checkpoint that this run has written; null before there is one. */
  private Card saved;

  /** Null without. */
  private final Ema ema;

  private final Recipe recipe;
  private final Trainer trainer;
  private final ImageDataset data;
  private final ImagePipeline pipeline;
  private final CheckpointFolder checkpoints;
  private final SummaryCsv summaryCsv;
  private final Path report;
  private final int printFrequency;
  private final int saveEvery;
  private final int stepsPerEpoch;
  private final BooleanSupplier stop;

  /** Starts with the defaults. */
  public static class TrainingRunBuilder {
    private int workers = 1;
    private int maxBad = Integer.MAX_VALUE;
    private int keep = 1;
    private BooleanSupplier stop = () -> false;
  }

  /**
   * @param start a new network, or one to go on with
   * @param data is given the checkpoint's labels, by the names of the classes
   * @param workers threads that decode. Default: 1
   * @param maxBad how many broken images of a pass are left out; one more ends the training.
   *     Default: any number
   * @param checkpoints folder for checkpoints and {@code recipe.yaml}
   * @param keep how many of the newest checkpoints stay, beside the best. Default: 1
   * @param saveEvery steps of an epoch from one checkpoint to the next. Default: 0, whole epochs
   * @param logs folder for {@code summary.csv} and {@code report.html}
   * @param printFrequency steps from one line to the next where there is no terminal. Default: 0,
   *     no lines
   * @param stop asked before every step and every batch to evaluate whether to save and stop.
   *     Default: never
   * @throws InputException if a folder cannot be written into, the images have other classes than
   *     the checkpoint, there is a single class, or there are more steps than an int counts
   */
  @Builder
  private TrainingRun(
      Checkpoint start,
      ImageDataset data,
      int workers,
      int maxBad,
      Path checkpoints,
      int keep,
      int saveEvery,
      Path logs,
      int printFrequency,
      BooleanSupplier stop) {
    data.requireSeveralClasses();
    card = start.card();
    recipe = card.recipe();
    int microBatches = (data.train().size() - 1) / recipe.microBatchSize() + 1;
    stepsPerEpoch = (microBatches - 1) / recipe.accumulate() + 1;
    requireCountable();
    this.data = data.labelledBy(start.card().classes(), "the checkpoint");
    this.checkpoints = new CheckpointFolder(checkpoints, keep);
    AtomicFile.requireWritable(logs);
    graph = start.graph();
    ema = recipe.emaDecay() > 0 ? new Ema(graph, recipe.emaDecay(), start.mean()) : null;
    trainer = new Trainer(graph, recipe, ema);
    summaryCsv = SummaryCsv.open(logs.resolve(SummaryCsv.NAME), card.epoch());
    report = logs.resolve("report.html");
    this.printFrequency = printFrequency;
    this.saveEvery = saveEvery;
    this.stop = stop;
    pipeline =
        new ImagePipeline(
                card.normalization(), card.model().imageSize(), recipe.microBatchSize(), workers)
            .withAugmentation(recipe.augmentation())
            .withMaxBad(maxBad);
    recipe.pace(graph, stepsPerEpoch);
    recipeFile().write(checkpoints.resolve(RecipeFile.NAME));
  }

  /** DL4J counts steps by an int. */
  private void requireCountable() {
    long most = (Integer.MAX_VALUE - card.progress().step()) / stepsPerEpoch;
    if (recipe.epochs() > most) {
      throw new InputException(
          "epochs %d cannot be used, of %d steps each: give at most %d"
              .formatted(recipe.epochs(), stepsPerEpoch, most));
    }
  }

  private RecipeFile recipeFile() {
    return new RecipeFile(card.model(), recipe);
  }

  /**
   * Trains until the recipe's end, its patience's end, or a stop, and gives the figures of the
   * epochs that came to their end now, which may be none.
   */
  public List<EpochSummary> run() {
    List<EpochSummary> summaries = new ArrayList<>();
    boolean stopped = false;
    while (!isDone() && !stopped) {
      Optional<EpochSummary> summary = nextEpoch();
      summary.ifPresent(summaries::add);
      stopped = summary.isEmpty();
    }
    return summaries;
  }

  /** Whether all epochs are trained, or the recipe's patience is over. */
  public boolean isDone() {
    return card.epoch() >= recipe.epochs() || isOutOfPatience();
  }

  private boolean isOutOfPatience() {
    return recipe.patience() > 0 && card.epoch() - card.bestEpoch() >= recipe.patience();
  }

  /**
   * Trains, evaluates and saves one epoch, or what is left of it.
   *
   * @return nothing if a stop was asked for before its end; what was done of it is saved
   * @throws InputException if there is nothing to train on, the loss is no longer a number, or a
   *     file cannot be written
   */
  public Optional<EpochSummary> nextEpoch() {
    TrainingResult training = train();
    Optional<EpochSummary> summary =
        withMean(() -> evaluate().map(evaluation -> finishEpoch(training, evaluation)));
    saveLatest();
    summary.ifPresent(figures -> log.info("{}", figures));
    freeUnused();
    return summary;
  }

  /**
   * Frees what the epoch has left outside of the Java heap, the network compiled for evaluation
   * above all. Whoever owns it is dead, but has grown old, and the old part of as small a heap is
   * not collected for hours.
   */
  private static void freeUnused() {
    System.gc();
  }

  private TrainingResult train() {
    EpochProgress before = card.progress();
    graph.getConfiguration().setIterationCount(card.epoch() * stepsPerEpoch + before.step());
    Stopwatch watch = new Stopwatch();
    try (ImageBatches batches = remainingBatches();
        Progress bar =
            Progress.start(title("train"), stepsPerEpoch - before.step(), printFrequency)) {
      EpochProgress done = trainer.train(batches, before, stop, this::afterStep, bar);
      if (done.images() == 0 && !stop.getAsBoolean()) {
        throw new InputException(
            "no two of the training images can be read: training needs batches of at least 2");
      }
      card = card.within(done);
      requireFiniteParameters();
      return new TrainingResult(
          done.loss(),
          done.top1(),
          done.images(),
          batches.badImages().size(),
          watch.perSecond(done.images() - before.images()),
          watch.percent(batches.waited()));
    }
  }

  /** The epoch's batches from the first that was not taken yet. */
  private ImageBatches remainingBatches() {
    return pipeline.training(data.train(), recipe.seedAt(card.epoch()), card.progress().batches());
  }

  private void afterStep(EpochProgress progress) {
    if (saveEvery > 0 && progress.step() % saveEvery == 0) {
      card = card.within(progress);
      requireFiniteParameters();
      saveLatest();
    }
  }

  /** A step's loss may be a number still while its update is not. */
  private void requireFiniteParameters() {
    MatchCondition bad = new MatchCondition(graph.params(), Conditions.notFinite());
    if (Nd4j.getExecutioner().exec(bad).getLong(0) > 0) {
      throw new InputException(
          "epoch %d, step %d: a parameter is no longer a number, training has diverged: give a lower --lr"
              .formatted(card.epoch() + 1, card.progress().step()));
    }
  }

  private <T> T withMean(Supplier<T> work) {
    return ema == null ? work.get() : ema.inPlace(work);
  }

  private Optional<EvaluationResult> evaluate() {
    try (ImageBatches batches = pipeline.evaluation(data.val());
        Progress bar = Progress.start(title("val"), batches.count(), printFrequency);
        Evaluator evaluator = new Evaluator(graph, card.classes())) {
      return evaluator.evaluate(batches, bar, stop);
    }
  }

  private String title(String part) {
    return "%s %d/%d".formatted(part, card.epoch() + 1, recipe.epochs());
  }

  private EpochSummary finishEpoch(TrainingResult training, EvaluationResult evaluation) {
    int epoch = card.epoch();
    double lr = recipe.learningRate(stepsPerEpoch).valueAt(epoch * stepsPerEpoch, epoch);
    EpochSummary summary = EpochSummary.of(epoch + 1, lr, training, evaluation);
    // In this order a run that ends in between does the epoch again, and drops the row.
    summaryCsv.add(summary);
    TrainingReport.write(
        report, card.model().title(), Yaml.toYaml(recipeFile()), summaryCsv.rows());
    card = card.after(epoch + 1, summary.evalTop1());
    graph.incrementEpochCount();
    if (card.bestEpoch() == card.epoch()) {
      checkpoints.saveBest(new Checkpoint(graph, card));
    }
    return summary;
  }

  private void saveLatest() {
    if (!card.equals(saved)) {
      checkpoints.saveLatest(new Checkpoint(graph, card, ema == null ? null : ema.mean()));
      saved = card;
    }
  }
}
