package org.kerneldna.sweep.trial;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lombok.RequiredArgsConstructor;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.sweep.space.Children;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.train.Checkpoint;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.Latency;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.train.Recipe;
import org.kerneldna.train.SummaryCsv;
import org.kerneldna.train.TrainingRun;
import org.kerneldna.train.data.Augmentation;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.demo.FashionMini;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.LogFile;
import org.kerneldna.zoo.Architecture;

/** Trains candidates by a {@link TrainingRun} in this process. */
@RequiredArgsConstructor
public final class Training implements Trial {

  /** Name of the images that come with this program, in the place of a folder. */
  public static final String FASHION_MINI = "fashion-mini";

  private static final int LATENCY_PASSES = 30;

  private final Task task;

  /** Run before every step, and every batch that is evaluated. */
  private final Runnable onStep;

  /** Training that tells of epochs alone. */
  public Training(Task task) {
    this(task, () -> {});
  }

  /**
   * The folder with the images, after a look into it.
   *
   * @param data a folder, or {@value #FASHION_MINI}
   * @param unpacked where to unpack these
   * @throws InputException if they cannot be trained on
   */
  public static Path images(String data, Path unpacked) {
    Path folder = Path.of(data);
    if (data.equals(FASHION_MINI) && !Files.isDirectory(folder)) {
      folder = unpacked;
      FashionMini.unpack(folder);
    }
    ImageDataset.open(folder).requireSeveralClasses();
    return folder;
  }

  /** The checkpoint of a candidate at its highest top-1. */
  public static Path bestCheckpoint(Path folder) {
    return folder.resolve(TrainingRun.BEST);
  }

  @Override
  public Cost train(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    try (LogFile logFile = new LogFile(folder)) {
      return trainLogged(settings, folder, epochs, onEpoch);
    }
  }

  private Cost trainLogged(Settings settings, Path folder, int epochs, Consumer<Epoch> onEpoch) {
    ImageDataset images = ImageDataset.open(Path.of(task.data()));
    Path latest = folder.resolve(TrainingRun.LATEST);
    Checkpoint checkpoint =
        Files.exists(latest) ? Checkpoint.load(latest) : start(settings, images.classes());
    TrainingRun run =
        TrainingRun.builder()
            .start(checkpoint)
            .data(images)
            .workers(Runtime.getRuntime().availableProcessors())
            .checkpoints(folder)
            .logs(folder)
            .printFrequency(0)
            .stop(this::tellOfStep)
            .build();
    int done = run.card().epoch();
    epochs(folder).limit(done).forEach(onEpoch);
    for (; done < epochs; done++) {
      run.nextEpoch();
      epochs(folder).skip(done).forEach(onEpoch);
    }
    return cost(checkpoint);
  }

  /** Does not ask to stop. */
  private boolean tellOfStep() {
    onStep.run();
    return false;
  }

  private Checkpoint start(Settings settings, List<String> classes) {
    double width = settings.width() * Architecture.named(settings.arch()).width();
    ModelSpec model =
        new ModelSpec(
            settings.arch(), settings.customize(), task.imageSize(), width, task.smallStem());
    Recipe recipe = recipe(settings);
    ComputationGraphConfiguration conf = model.network(classes.size(), recipe).conf();
    boolean changed = Children.apply(settings, conf);
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return new Checkpoint(
        graph, Card.untrained(changed ? model.asAdapted() : model, recipe, classes));
  }

  private Recipe recipe(Settings settings) {
    return Recipe.builder()
        .epochs(settings.epochs())
        .warmupEpochs(settings.warmupEpochs())
        .lr(settings.lr())
        .weightDecay(settings.weightDecay())
        .batchSize(settings.batchSize())
        .momentum(settings.momentum())
        .labelSmoothing(settings.labelSmoothing())
        .augmentation(augmentation(settings))
        .seed(task.seed())
        .build();
  }

  private static Augmentation augmentation(Settings settings) {
    double jitter = settings.colorJitter();
    return Augmentation.builder()
        .colorJitter(jitter == 0 ? List.of() : List.of(jitter))
        .trivialAugment(settings.trivialAugment())
        .randomErasing(settings.randomErasing())
        .mixup(settings.mixup())
        .cutmix(settings.cutmix())
        .build();
  }

  /**
   * The rows of {@code summary.csv}, where an epoch has one before its checkpoint is there. All
   * come from there, so that they are the same after an interruption, to the last digit.
   */
  private static Stream<Epoch> epochs(Path folder) {
    Path summary = folder.resolve(SummaryCsv.NAME);
    return Files.exists(summary)
        ? SummaryCsv.read(summary).stream().map(row -> epoch(summary, row))
        : Stream.empty();
  }

  private static Epoch epoch(Path summary, Map<String, String> row) {
    return new Epoch(
        (int) SummaryCsv.number(summary, row, "epoch"),
        SummaryCsv.number(summary, row, "train_loss"),
        SummaryCsv.number(summary, row, "eval_top1"));
  }

  private Cost cost(Checkpoint checkpoint) {
    Complexity complexity = checkpoint.complexity();
    Double latency =
        task.latency()
            ? (Double)
                Latency.measure(
                        checkpoint.graph()::outputSingle, task.imageSize(), 1, LATENCY_PASSES)
                    .meanMs()
            : null;
    return new Cost(complexity.parameters(), complexity.macs(), latency);
  }
}
