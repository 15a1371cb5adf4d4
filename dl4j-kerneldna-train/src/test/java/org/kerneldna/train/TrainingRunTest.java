package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.train.Checkpoint.Card;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.Pace;
import org.kerneldna.train.data.ClassNames;
import org.kerneldna.train.data.ImageBatches;
import org.kerneldna.train.data.ImageDataset;
import org.kerneldna.train.data.ImagePipeline;
import org.kerneldna.train.data.Normalization;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.report.Progress;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TrainingRunTest {

  private static final ModelSpec SPEC = new ModelSpec("resnet18", true, 16, 1, true);
  private static final Recipe RECIPE =
      Recipe.builder().epochs(4).warmupEpochs(1).lr(0.05).batchSize(16).build();

  @TempDir Path temp;
  private static ImageDataset images;

  @BeforeAll
  static void unpack(@TempDir Path folder) throws IOException {
    images = ImageDataset.open(TestImages.unpack(folder, 5));
  }

  private Checkpoint untrained() {
    return untrained(RECIPE);
  }

  private Checkpoint untrained(Recipe recipe) {
    ComputationGraph graph = SmallGraph.create(16, images.classes().size(), recipe);
    recipe.applyTo(graph);
    return new Checkpoint(graph, Card.untrained(SPEC, recipe, images.classes()));
  }

  private TrainingRun run(Checkpoint start, Path folder) {
    return run(start, folder, () -> false);
  }

  private TrainingRun run(Checkpoint start, Path folder, BooleanSupplier stop) {
    return run(start, images, folder, stop);
  }

  private TrainingRun run(Checkpoint start, ImageDataset data, Path folder, BooleanSupplier stop) {
    return TrainingRun.builder()
        .start(start)
        .data(data)
        .workers(2)
        .checkpoints(folder)
        .logs(folder)
        .stop(stop)
        .build();
  }

  @Test
  void resumedTrainingGoesOnAsIfUninterrupted() throws IOException {
    Checkpoint whole = untrained();
    List<EpochSummary> uninterrupted = run(whole, temp.resolve("whole")).run();

    Path folder = temp.resolve("parts");
    TrainingRun interrupted = run(untrained(), folder);
    interrupted.nextEpoch();
    interrupted.nextEpoch();
    Checkpoint resumed = Checkpoint.load(folder.resolve(TrainingRun.LATEST));
    List<EpochSummary> rest = run(resumed, folder).run();

    assertThat(rest).extracting(EpochSummary::epoch).containsExactly(3, 4);
    for (int i = 0; i < rest.size(); i++) {
      EpochSummary expected = uninterrupted.get(i + 2);
      assertThat(rest.get(i).trainLoss()).isCloseTo(expected.trainLoss(), within(1e-6));
      assertThat(rest.get(i).evalLoss()).isCloseTo(expected.evalLoss(), within(1e-6));
      assertThat(rest.get(i).lr()).isEqualTo(expected.lr());
    }
    INDArray difference = resumed.graph().params().sub(whole.graph().params());
    assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-6);
    assertThat(Files.readAllLines(folder.resolve("summary.csv"))).hasSize(5);
  }

  /** They would count on below zero. */
  @Test
  void moreStepsThanCanBeCountedAreRefused() {
    Checkpoint start = untrained();
    Recipe recipe = start.card().recipe().toBuilder().epochs(Integer.MAX_VALUE).build();
    Path folder = temp.resolve("endless");
    assertThatThrownBy(
            () -> run(new Checkpoint(start.graph(), start.card().restartedBy(recipe)), folder))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "epochs 2147483647 cannot be used, of (\\d+) steps each: give at most \\d+");
    assertThat(folder).doesNotExist();
  }

  @Test
  void theSameSeedGivesTheSameTraining() {
    EpochSummary first = run(untrained(), temp.resolve("first")).nextEpoch().orElseThrow();
    EpochSummary second = run(untrained(), temp.resolve("second")).nextEpoch().orElseThrow();
    assertThat(second.trainLoss()).isEqualTo(first.trainLoss());
  }

  @Test
  void imagesAreGivenTheCheckpointsLabels() {
    EpochSummary expected = run(untrained(), temp.resolve("same")).nextEpoch().orElseThrow();
    ClassNames backwards =
        ClassNames.of(images.classes().stream().sorted(Comparator.reverseOrder()).toList());
    Path folder = temp.resolve("backwards");
    TrainingRun run =
        TrainingRun.builder()
            .start(untrained())
            .data(images.labelledBy(backwards, "another order"))
            .workers(2)
            .checkpoints(folder)
            .logs(folder)
            .build();
    EpochSummary other = run.nextEpoch().orElseThrow();
    assertThat(other.trainLoss()).isEqualTo(expected.trainLoss());
    assertThat(other.evalLoss()).isEqualTo(expected.evalLoss());
    assertThat(Checkpoint.loadCard(folder.resolve(TrainingRun.LATEST)).classes())
        .isEqualTo(images.classes());
  }

  @Test
  void bestCheckpointIsOfTheEpochWithTheHighestTop1() {
    TrainingRun run = run(untrained(), temp);
    double best = run.run().stream().mapToDouble(EpochSummary::evalTop1).max().orElseThrow();
    assertThat(Checkpoint.load(temp.resolve(TrainingRun.BEST)).card().bestTop1()).isEqualTo(best);
    assertThat(Checkpoint.load(temp.resolve(TrainingRun.LATEST)).card().epoch()).isEqualTo(4);
  }

  static Stream<Recipe> recipes() {
    Recipe recipe = RECIPE.withEpochs(2);
    return Stream.of(
        recipe,
        recipe.toBuilder()
            .optimizer(Optimizer.ADAMW)
            .excludeNormsAndBiases(true)
            .schedule(Pace.STEP)
            .lr(0.01)
            .accumulate(4)
            .clipNorm(0.5)
            .emaDecay(0.7)
            .labelSmoothing(0.1)
            .build());
  }

  /** A run is asked before every step, of which an epoch has 4, and every batch to evaluate. */
  @ParameterizedTest
  @MethodSource("recipes")
  void stoppedWithinEpochsAndWithinEvaluationsItGoesOnExactly(Recipe recipe) {
    Checkpoint whole = untrained(recipe);
    List<EpochSummary> expected = run(whole, temp.resolve("whole")).run();

    Path folder = temp.resolve("parts");
    Checkpoint part = untrained(recipe);
    List<EpochSummary> actual = new ArrayList<>();
    int runs = 0;
    for (TrainingRun run = null; run == null || !run.isDone(); runs++) {
      AtomicInteger asked = new AtomicInteger();
      int stopAt = 3 + 5 * runs;
      run = run(part, folder, () -> asked.incrementAndGet() > stopAt);
      actual.addAll(run.run());
      part = Checkpoint.load(folder.resolve(TrainingRun.LATEST));
    }
    assertThat(runs).isGreaterThan(2);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).trainLoss()).isCloseTo(expected.get(i).trainLoss(), within(1e-6));
      assertThat(actual.get(i).evalLoss()).isCloseTo(expected.get(i).evalLoss(), within(1e-6));
      assertThat(actual.get(i).lr()).isEqualTo(expected.get(i).lr());
    }
    INDArray difference = part.graph().params().sub(whole.graph().params());
    assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @Test
  void theMeanOfTheParametersIsWhatIsEvaluatedAndSavedAsBest() {
    Recipe recipe = RECIPE.withWarmupEpochs(0).withEpochs(1).withEmaDecay(0.5);
    TrainingRun run = run(untrained(recipe), temp);
    EpochSummary summary = run.run().get(0);
    Checkpoint best = Checkpoint.load(temp.resolve(TrainingRun.BEST));
    Checkpoint latest = Checkpoint.load(temp.resolve(TrainingRun.LATEST));
    assertThat(best.graph().params()).isEqualTo(latest.mean());
    assertThat(latest.graph().params()).isNotEqualTo(latest.mean());
    assertThat(evaluate(best).loss()).isCloseTo(summary.evalLoss(), within(1e-6));
  }

  private EvaluationResult evaluate(Checkpoint checkpoint) {
    ImagePipeline pipeline = new ImagePipeline(Normalization.IMAGENET, 16, 16, 1);
    try (ImageBatches batches = pipeline.evaluation(images.val());
        Progress progress = Progress.start("val", batches.count(), 0);
        Evaluator evaluator = new Evaluator(checkpoint.graph(), images.classes())) {
      return evaluator.evaluate(batches, progress);
    }
  }

  @Test
  void endsEarlyWithoutABetterTop1() {
    // With a learning rate of next to nothing, no epoch is better than the first.
    Recipe recipe = RECIPE.toBuilder().epochs(9).lr(1e-12).momentum(0).patience(2).build();
    TrainingRun run = run(untrained(recipe), temp);
    assertThat(run.run()).hasSizeLessThan(9);
    assertThat(run.isDone()).isTrue();
    assertThat(run.card().epoch()).isEqualTo(run.card().bestEpoch() + 2);
  }

  @Test
  void aNumberThatIsNoneStopsBeforeItIsSaved() {
    Checkpoint start = untrained();
    AtomicInteger asked = new AtomicInteger();
    TrainingRun run =
        TrainingRun.builder()
            .start(start)
            .data(images)
            .checkpoints(temp)
            .logs(temp)
            .saveEvery(1)
            .stop(
                () -> {
                  if (asked.incrementAndGet() == 3) {
                    start.graph().params().putScalar(0, Double.NaN);
                  }
                  return false;
                })
            .build();
    assertThatThrownBy(run::run)
        .isInstanceOf(InputException.class)
        .hasMessage("epoch 1, step 3: the loss is NaN, training has diverged: give a lower --lr");
    Checkpoint latest = Checkpoint.load(temp.resolve(TrainingRun.LATEST));
    assertThat(latest.card().progress().step()).isEqualTo(2);
    assertThat(latest.graph().params().sumNumber().doubleValue()).isFinite();
  }

  @Test
  void logitsFarApartAreNoDivergence() {
    Checkpoint start = untrained(RECIPE.toBuilder().lr(1e-12).labelSmoothing(0.5).build());
    start.graph().getParam("fc_W").assign(0);
    start.graph().getParam("fc_b").assign(Nd4j.arange(10).muli(-200).reshape(1, 10));
    EpochSummary summary = run(start, temp).nextEpoch().orElseThrow();
    // Of class k it is 200 k; the classes have five images each.
    assertThat(summary.trainLoss()).isCloseTo(900, within(1e-3));
    assertThat(summary.evalLoss()).isCloseTo(900, within(1e-3));
  }

  @Test
  void parametersAreNumbersEvenIfTheirSumIsNone() {
    Checkpoint start = untrained();
    start.graph().getParam("bn_gamma").assign(1e-6);
    start.graph().getParam("bn_mean").assign(1e38);
    run(start, temp).nextEpoch();
    assertThat(Checkpoint.load(temp.resolve(TrainingRun.LATEST)).card().epoch()).isEqualTo(1);
  }

  @Test
  void anUpdateThatIsNoNumberIsNamed() {
    Checkpoint start = untrained();
    start.graph().getParam("bn_mean").putScalar(0, Double.NaN);
    assertThatThrownBy(run(start, temp)::nextEpoch)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("epoch 1, step 4: a parameter is no longer a number");
  }

  @Test
  void theMeanOfAShortTrainingIsNearItsParameters() {
    Recipe recipe = RECIPE.toBuilder().epochs(6).emaDecay(0.9999).build();
    Checkpoint start = untrained(recipe);
    INDArray random = start.graph().params().dup();
    run(start, temp).run();
    Checkpoint latest = Checkpoint.load(temp.resolve(TrainingRun.LATEST));
    INDArray trained = latest.graph().params();
    double way = trained.sub(random).norm2Number().doubleValue();
    assertThat(trained.sub(latest.mean()).norm2Number().doubleValue()).isLessThan(0.2 * way);
  }

  /** In batches of 2: where one image is broken, the step learns nothing, but counts. */
  @Test
  void resumedAmongBrokenImagesTheMeanIsTheSameToTheBit(@TempDir Path folder) throws IOException {
    TestImages.unpack(folder, 2);
    for (Path ofClass : TestImages.list(folder.resolve("train"))) {
      Files.writeString(TestImages.list(ofClass).get(0), "no image");
    }
    ImageDataset broken = ImageDataset.open(folder);
    Recipe recipe =
        RECIPE.toBuilder()
            .epochs(2)
            .batchSize(2)
            .schedule(Pace.STEP)
            .optimizer(Optimizer.ADAMW)
            .lr(0.01)
            .emaDecay(0.999)
            .build();
    run(untrained(recipe), broken, temp.resolve("whole"), () -> false).run();
    Path parts = temp.resolve("parts");
    Checkpoint part = untrained(recipe);
    for (TrainingRun run = null; run == null || !run.isDone(); ) {
      AtomicInteger asked = new AtomicInteger();
      run = run(part, broken, parts, () -> asked.incrementAndGet() > 13);
      run.run();
      part = Checkpoint.load(parts.resolve(TrainingRun.LATEST));
    }
    Checkpoint whole = Checkpoint.load(temp.resolve("whole").resolve(TrainingRun.LATEST));
    assertThat(numbers(part.mean())).isEqualTo(numbers(whole.mean()));
    assertThat(numbers(part.graph().params())).isEqualTo(numbers(whole.graph().params()));
  }

  private static float[] numbers(INDArray array) {
    return array.dup().data().asFloat();
  }
}
