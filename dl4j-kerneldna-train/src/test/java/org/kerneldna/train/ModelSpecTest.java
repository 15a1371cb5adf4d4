package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Json;
import org.kerneldna.zoo.Architecture;

class ModelSpecTest {

  private static final Recipe RECIPE =
      Recipe.builder().epochs(4).warmupEpochs(1).lr(0.05).batchSize(16).seed(3).build();

  @Test
  void titlesTellWhatTheNetworkIs() {
    ModelSpec plain = ModelSpec.of("resnet18");
    ModelSpec kernelDna = new ModelSpec("resnet18", true, 224, 1, false);
    assertThat(plain.title()).isEqualTo("resnet18 static");
    assertThat(plain.asAdapted().title()).isEqualTo("resnet18 adapted");
    assertThat(kernelDna.title()).isEqualTo("resnet18 KernelDNA");
    assertThat(kernelDna.asAdapted().title()).isEqualTo("resnet18 KernelDNA adapted");
  }

  @Test
  void theArchitectureTellsTheWidth() {
    assertThat(ModelSpec.of("mobilenet_v2").network(10, RECIPE).getWidth()).isEqualTo(1);
    assertThat(ModelSpec.of("mobilenet_v2_1d2").network(10, RECIPE).getWidth()).isEqualTo(0.5);
  }

  @Test
  void imagesThatAreTooSmallAreRefused() {
    ModelSpec small = new ModelSpec("convnext_tiny", false, 28, 0.1, false);
    assertThatThrownBy(() -> small.build(10, RECIPE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("convnext_tiny static cannot take images of 28 pixels")
        .hasMessageContaining("features.6.1");
  }

  @Test
  void cardsOfBeforeThereWasAdaptingAreRead() throws Exception {
    String old =
        "{\"arch\":\"resnet18\",\"customize\":true,\"image_size\":28,\"width\":0.5,\"small_stem\":true}";
    assertThat(Json.fromJson(old, ModelSpec.class))
        .isEqualTo(new ModelSpec("resnet18", true, 28, 0.5, true, false));
    ModelSpec adapted = ModelSpec.of("resnet18").asAdapted();
    assertThat(Json.fromJson(Json.toJson(adapted), ModelSpec.class)).isEqualTo(adapted);
  }

  @Test
  void anAdaptedNetworkIsNotBuiltAnew() {
    ModelSpec adapted = ModelSpec.of("resnet18").asAdapted();
    assertThatThrownBy(() -> adapted.build(10, RECIPE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("load its checkpoint");
  }

  @ParameterizedTest
  @EnumSource
  void stochasticDepthIsTheRecipes(Architecture architecture) {
    for (boolean customize : new boolean[] {false, true}) {
      ModelSpec model = new ModelSpec(architecture.toString(), customize, 32, 0.125, true);
      assertThat(model.network(2, RECIPE.withDropPath(0.34)).getStochasticDepth()).isEqualTo(0.34);
      assertThat(model.network(2, RECIPE).getStochasticDepth()).isZero();
    }
  }
}
