package org.kerneldna.train;

import static java.util.Objects.requireNonNullElse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lombok.Builder;
import lombok.Getter;
import lombok.experimental.Accessors;
import lombok.extern.slf4j.Slf4j;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.data.Augmentation;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.report.Progress;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Trains from a checkpoint's epoch to the end of its recipe. After every epoch the network is
 * evaluated, {@code summary.csv} gets a row and {@code latest.zip}, at a new best top-1 also {@code
 * best.zip}, is written. Stopped at any moment and resumed from {@code latest.zip}, training goes
 * on as if it had not been stopped.
 */
@Slf4j
public final class TrainingRun {

  /** Name of the checkpoint of the last epoch. */
  public static final String LATEST = "latest.zip";

  /** Name of the checkpoint of the epoch with the highest top-1. */
  public static final String BEST = "best.zip";

  private final ComputationGraph graph;

  @Getter
  @Accessors(fluent = true)
  private Card card;

  private final ImageDataset data;
  private final ImagePipeline pipeline;
  private final Path checkpoints;
  private final SummaryCsv summaryCsv;
  private final int printFrequency;

  /**
   * @param start a new network, or one to go on with
   * @param workers threads that decode
   * @param augmentation of the training images; null: none
   * @param maxBad how many broken images of a pass are left out; one more ends the training; null:
   *     any number
   * @param checkpoints folder for checkpoints
   * @param logs folder for {@code summary.csv}
   * @param printFrequency batches from one line to the next where there is no terminal; 0: no lines
   * @throws org.kerneldna.train.io.InputException if a folder cannot be written into
   */
  @Builder
  private TrainingRun(
      Checkpoint start,
      ImageDataset data,
      int workers,
      Augmentation augmentation,
      Integer maxBad,
      Path checkpoints,
      Path logs,
      int printFrequency) {
    AtomicFile.requireWritable(checkpoints);
    AtomicFile.requireWritable(logs);
    graph = start.graph();
    card = start.card();
    this.data = data;
    this.checkpoints = checkpoints;
    summaryCsv = SummaryCsv.open(logs.resolve("summary.csv"), card.epoch());
    this.printFrequency = printFrequency;
    pipeline =
        new ImagePipeline(
                card.normalization(), card.model().imageSize(), card.recipe().batchSize(), workers)
            .withAugmentation(requireNonNullElse(augmentation, Augmentation.NONE))
            .withMaxBad(requireNonNullElse(maxBad, Integer.MAX_VALUE));
  }

  /**
   * Trains to the end, and gives the figures of the epochs that were trained now, which may be
   * none.
   */
  public List<EpochSummary> run() {
    List<EpochSummary> summaries = new ArrayList<>();
    while (card.epoch() < card.recipe().epochs()) {
      summaries.add(nextEpoch());
    }
    return summaries;
  }

  /** Trains, evaluates and saves one epoch. */
  public EpochSummary nextEpoch() {
    int epoch = card.epoch();
    TrainingResult training = train(epoch);
    EvaluationResult evaluation = evaluate(epoch);
    EpochSummary summary =
        EpochSummary.of(epoch + 1, card.recipe().lrAt(epoch), training, evaluation);
    // In this order a run that ends in between does the epoch again, and drops the row.
    summaryCsv.add(summary);
    save(summary);
    log.info("{}", summary);
    return summary;
  }

  private TrainingResult train(int epoch) {
    long seed = card.recipe().seedAt(epoch);
    // Dropout and the like draw from here; seeded by epoch, a resumed training draws the same.
    Nd4j.getRandom().setSeed(seed);
    try (ImageBatches batches = pipeline.training(data.train(), seed);
        Progress progress =
            Progress.start(title("train", epoch), batches.count(), printFrequency)) {
      return new Trainer(graph).trainEpoch(batches, progress);
    }
  }

  private EvaluationResult evaluate(int epoch) {
    try (ImageBatches batches = pipeline.evaluation(data.val());
        Progress progress = Progress.start(title("val", epoch), batches.count(), printFrequency)) {
      return new Evaluator(graph, data.classes()).evaluate(batches, progress);
    }
  }

  private String title(String part, int epoch) {
    return "%s %d/%d".formatted(part, epoch + 1, card.recipe().epochs());
  }

  private void save(EpochSummary summary) {
    boolean best = summary.evalTop1() > card.bestTop1();
    card = card.after(summary.epoch(), Math.max(summary.evalTop1(), card.bestTop1()));
    Checkpoint checkpoint = new Checkpoint(graph, card);
    if (best) {
      checkpoint.save(checkpoints.resolve(BEST));
    }
    checkpoint.save(checkpoints.resolve(LATEST));
  }
}
