package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.io.Json;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

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
    graph.fit(new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2)));
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
}
