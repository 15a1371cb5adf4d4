package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.Recipe.Pace;
import org.kerneldna.train.io.Json;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class RecipeTest {

  @ParameterizedTest
  @CsvSource({
    "resnet18, 90, 0, 0.1, 1e-4, 0",
    "resnet50, 300, 20, 0.1, 1e-4, 0",
    "mobilenet_v2, 150, 0, 0.05, 4e-5, 0",
    "mobilenet_v2_1d2, 150, 0, 0.05, 4e-5, 0",
    "convnext_tiny, 150, 0, 0.05, 4e-5, 0.1"
  })
  void defaultsAreThePapersByArchitecture(
      String arch, int epochs, int warmup, double lr, double weightDecay, double dropPath) {
    assertThat(Recipe.of(arch))
        .isEqualTo(
            Recipe.builder()
                .epochs(epochs)
                .warmupEpochs(warmup)
                .lr(lr)
                .weightDecay(weightDecay)
                .batchSize(256)
                .dropPath(dropPath)
                .build());
  }

  @Test
  void anUnusableValueIsNamedWithItsRemedy() {
    assertThatThrownBy(
            () ->
                Recipe.builder()
                    .epochs(10)
                    .warmupEpochs(10)
                    .lr(0.1)
                    .weightDecay(0)
                    .batchSize(256)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("warm-up epochs 10 cannot be used: give 0 to 9");
    assertThatThrownBy(
            () -> Recipe.builder().epochs(10).lr(0.1).weightDecay(0).batchSize(1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batch size 1");
  }

  @Test
  void epochsAndSeedsHaveSeedsOfTheirOwn() {
    Recipe recipe = Recipe.of("resnet18");
    Recipe other = Recipe.builder().epochs(90).lr(0.1).batchSize(256).seed(1).build();
    long[] seeds = IntStream.range(-1, 90).mapToLong(e -> recipe.seedAt(e)).toArray();
    assertThat(seeds).doesNotHaveDuplicates().doesNotContain(0);
    assertThat(seeds)
        .doesNotContain(IntStream.range(-1, 90).mapToLong(e -> other.seedAt(e)).toArray());
  }

  @Test
  void recipesOfBeforeThereWereAdaptersAreRead() throws Exception {
    String old =
        """
        {"epochs": 4, "warmup_epochs": 1, "lr": 0.05, "weight_decay": 1e-4, "batch_size": 16,
         "momentum": 0.9, "eta_min": 0.0, "seed": 3}
        """;
    Recipe recipe =
        Recipe.builder().epochs(4).warmupEpochs(1).lr(0.05).batchSize(16).seed(3).build();
    assertThat(Json.fromJson(old, Recipe.class)).isEqualTo(recipe);
    assertThat(Json.fromJson(Json.toJson(recipe), Recipe.class)).isEqualTo(recipe);
    assertThat(recipe.adaptersOnly()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrainedGraphLearnsByAnotherRecipeAsANewOneDoes(boolean adaptersOnly) {
    ModelSpec model = new ModelSpec("resnet18", true, 16, 0.125, true);
    ComputationGraph graph =
        model.build(
            2,
            Recipe.builder()
                .epochs(9)
                .warmupEpochs(2)
                .lr(0.3)
                .weightDecay(0.2)
                .batchSize(16)
                .momentum(0.5)
                .seed(3)
                .adaptersOnly(!adaptersOnly)
                .build());
    graph.fit(batch());
    graph.incrementEpochCount();
    INDArray parameters = graph.params().dup();

    Recipe recipe =
        Recipe.builder()
            .epochs(4)
            .warmupEpochs(1)
            .lr(0.05)
            .weightDecay(0)
            .batchSize(16)
            .seed(3)
            .adaptersOnly(adaptersOnly)
            .build();
    recipe.applyTo(graph);
    assertThat(graph.getConfiguration().toJson())
        .isEqualTo(model.build(2, recipe).getConfiguration().toJson());
    assertThat(graph.params()).isEqualTo(parameters);
    assertThat(graph.getUpdater().getStateViewArray().amaxNumber().doubleValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, epochs 0",
    "1, 8, 3, accumulate 3 cannot be used: give a divisor of the batch size, 8",
    "1, 8, 8, accumulate 8",
    "-1, 8, 1, clip norm -1.0 cannot be used: give 0 or more"
  })
  void valuesThatDoNotFitAreRefused(
      double clipNorm, int batchSize, int accumulate, String message) {
    assertThatThrownBy(
            () ->
                Recipe.builder()
                    .epochs(batchSize == 0 ? 0 : 1)
                    .batchSize(batchSize)
                    .accumulate(accumulate)
                    .clipNorm(clipNorm)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void sharesAreBelowOne() {
    Recipe recipe = Recipe.of("resnet18");
    for (ThrowingCallable wrong :
        List.<ThrowingCallable>of(
            () -> recipe.withLabelSmoothing(1),
            () -> recipe.withEmaDecay(1),
            () -> recipe.withDropPath(-0.1),
            () -> recipe.withMomentum(Double.NaN))) {
      assertThatThrownBy(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0 or more and less than 1");
    }
  }

  @Test
  void adamWDecaysParametersBesideTheirGradients() {
    Recipe recipe = Recipe.builder().optimizer(Optimizer.ADAMW).lr(0.01).weightDecay(0.1).build();
    ComputationGraph graph = SmallGraph.create(16, 2, recipe);
    recipe.applyTo(graph);
    INDArray before = graph.getParam("fc_W").dup();
    graph.fit(batch());
    INDArray step = before.sub(graph.getParam("fc_W")).divi(0.01);
    // Adam's first step has the size of the learning rate, whatever the gradient's.
    INDArray beside = Transforms.abs(step.sub(before.mul(0.1)));
    assertThat(beside.minNumber().doubleValue()).isCloseTo(1, within(1e-2));
    assertThat(beside.maxNumber().doubleValue()).isCloseTo(1, within(1e-2));
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void normalisationsAndBiasesCanBeSparedWeightDecay(Optimizer optimizer) {
    ModelSpec model = new ModelSpec("resnet18", true, 16, 0.125, true);
    Recipe recipe = Recipe.builder().optimizer(optimizer).excludeNormsAndBiases(true).build();
    ComputationGraph graph = model.build(2, recipe);
    double penalty = graph.calcRegularizationScore(true);
    graph.paramTable().forEach((name, values) -> multiplyVector(name, values));
    assertThat(graph.calcRegularizationScore(true)).isEqualTo(penalty).isPositive();

    ComputationGraph all = model.build(2, recipe.withExcludeNormsAndBiases(false));
    assertThat(all.calcRegularizationScore(true)).isGreaterThan(penalty);
  }

  private static void multiplyVector(String name, INDArray values) {
    boolean bias = name.endsWith("_b");
    if (bias || values.rank() == 1) {
      values.muli(3).addi(1);
    }
  }

  @Test
  void aLearningRatePerStepReachesTheNetwork() {
    Recipe recipe =
        Recipe.builder().epochs(2).schedule(Pace.STEP).lr(0.4).momentum(0).weightDecay(0).build();
    ComputationGraph graph = SmallGraph.create(16, 2, recipe);
    recipe.pace(graph, 4);
    assertThat(recipe.learningRate(4).valueAt(4, 1)).isCloseTo(0.2, within(1e-12));
    assertThat(graph.getLearningRate("fc")).isEqualTo(0.4);
    graph.getConfiguration().setIterationCount(4);
    assertThat(graph.getLearningRate("fc")).isCloseTo(0.2, within(1e-12));
  }

  private static DataSet batch() {
    return new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2));
  }
}
