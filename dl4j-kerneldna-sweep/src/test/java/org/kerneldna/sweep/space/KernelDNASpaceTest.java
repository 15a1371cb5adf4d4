package org.kerneldna.sweep.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.GridSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.GridSearchCandidateGenerator.Mode;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.train.io.InputException;

class KernelDNASpaceTest {

  private static final Map<String, Object> WRITTEN =
      Map.of(
          "arch", List.of("resnet18", "mobilenet_v2"),
          "customize", List.of(true, false),
          "gate_ratio", List.of(0, 2, 4),
          "modulation", List.of("both", "none"),
          "width", 0.25,
          "lr", Map.of("min", "1e-3", "max", 0.1, "scale", "log"),
          "momentum", Map.of("min", 0.8, "max", 0.95),
          "warmup_epochs", Map.of("min", 0, "max", 3),
          "batch_size", List.of(16));

  private static final Map<String, Object> AUGMENTED =
      Map.of(
          "label_smoothing", Map.of("min", 0, "max", 0.2),
          "color_jitter", 0.4,
          "trivial_augment", List.of(true, false),
          "random_erasing", Map.of("min", 0, "max", 1),
          "mixup", List.of(0, 0.2),
          "cutmix", 1);

  @Test
  void drawsWhatPeopleWrote() {
    CandidateGenerator generator = new RandomSearchGenerator(SpaceReader.read(WRITTEN));
    generator.setRngSeed(3);
    Set<String> archs = new HashSet<>();
    Set<Integer> warmups = new HashSet<>();
    int below = 0;
    for (int i = 0; i < 200; i++) {
      Settings settings = (Settings) generator.getCandidate().getValue();
      archs.add(settings.arch());
      warmups.add(settings.warmupEpochs());
      below += settings.lr() < 0.01 ? 1 : 0;
      assertThat(settings.lr()).isBetween(0.001, 0.1);
      assertThat(settings.momentum()).isBetween(0.8, 0.95);
      assertThat(settings.width()).isEqualTo(0.25);
      assertThat(settings.batchSize()).isEqualTo(16);
      assertThat(settings.epochs()).isEqualTo(10);
    }
    assertThat(archs).containsExactlyInAnyOrder("resnet18", "mobilenet_v2");
    assertThat(warmups).containsExactlyInAnyOrder(0, 1, 2, 3);
    // Half of a log scale of two decades is one decade; of a linear one it would be a tenth.
    assertThat(below).isBetween(75, 125);
  }

  @Test
  void drawsLabelSmoothingAndAugmentation() {
    CandidateGenerator generator = new RandomSearchGenerator(SpaceReader.read(AUGMENTED));
    generator.setRngSeed(3);
    Set<Object> kinds = new HashSet<>();
    Set<Double> smoothings = new HashSet<>();
    Set<Double> erasings = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Settings settings = (Settings) generator.getCandidate().getValue();
      kinds.add(List.of(settings.trivialAugment(), settings.mixup()));
      smoothings.add(settings.labelSmoothing());
      erasings.add(settings.randomErasing());
      assertThat(settings.labelSmoothing()).isBetween(0.0, 0.2);
      assertThat(settings.randomErasing()).isBetween(0.0, 1.0);
      assertThat(settings.colorJitter()).isEqualTo(0.4);
      assertThat(settings.cutmix()).isEqualTo(1);
    }
    assertThat(kinds).hasSize(4);
    assertThat(smoothings).hasSize(50);
    assertThat(erasings).hasSize(50);
  }

  @Test
  void isEqualAfterJsonAndYaml() {
    KernelDNASpace plain = SpaceReader.read(Map.of());
    for (Map<String, Object> written : List.of(WRITTEN, AUGMENTED)) {
      KernelDNASpace space = SpaceReader.read(written);
      assertThat(KernelDNASpace.fromJson(space.toJson())).isEqualTo(space).isNotEqualTo(plain);
      assertThat(KernelDNASpace.fromYaml(space.toYaml())).isEqualTo(space);
    }
  }

  @Test
  void isAGridOfTheValuesThatAreListed() {
    Map<String, Object> written =
        Map.of("gate_ratio", List.of(2, 4), "lr", Map.of("min", 0.1, "max", 0.3), "width", 0.5);
    CandidateGenerator grid =
        new GridSearchCandidateGenerator(SpaceReader.read(written), 3, Mode.Sequential, null);
    Set<List<Object>> points = new HashSet<>();
    while (grid.hasMoreCandidates()) {
      Settings settings = (Settings) grid.getCandidate().getValue();
      points.add(List.of(settings.gateRatio(), Math.round(settings.lr() * 1000)));
    }
    assertThat(points)
        .containsExactlyInAnyOrder(
            List.of(2, 100L),
            List.of(2, 200L),
            List.of(2, 300L),
            List.of(4, 100L),
            List.of(4, 200L),
            List.of(4, 300L));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learning_rate | 0.1 | learning_rate",
        "lr | fast | a number",
        "lr | -1 | more than 0",
        "momentum | 1 | less than 1",
        "arch | vgg | resnet18",
        "modulation | all | both",
        "customize | maybe | true or false",
        "batch_size | 2.5 | a whole number",
        "batch_size | 1 | at least 2",
        "label_smoothing | 1 | less than 1",
        "label_smoothing | -0.1 | 0.0 or more",
        "random_erasing | 1.5 | 0.0 to 1.0",
        "color_jitter | -1 | at least 0",
        "trivial_augment | 1 | true or false",
        "mixup | some | a number",
        "cutmix | -1 | at least 0",
        "augmentation | none | random_erasing"
      })
  void refusesInOneLine(String key, String value, String remedy) {
    assertThatThrownBy(() -> SpaceReader.read(Map.of(key, value)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(remedy)
        .message()
        .hasLineCount(1);
  }

  @Test
  void refusesRangesThatAreNone() {
    List<Map<String, Object>> ranges =
        List.of(
            Map.of("min", 0.1),
            Map.of("min", 0.3, "max", 0.1),
            Map.of("min", 0.1, "max", 0.3, "scale", "cubic"),
            Map.of("low", 0.1, "max", 0.3));
    for (Map<String, Object> range : ranges) {
      assertThatThrownBy(() -> SpaceReader.read(Map.of("lr", range)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("lr");
    }
    assertThatThrownBy(
            () ->
                SpaceReader.read(
                    Map.of("weight_decay", Map.of("min", 0, "max", 0.3, "scale", "log"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("min above 0");
  }
}
