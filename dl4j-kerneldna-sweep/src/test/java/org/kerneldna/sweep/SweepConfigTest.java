package org.kerneldna.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.arbiter.optimize.parameter.FixedValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.sweep.search.Against;
import org.kerneldna.sweep.search.Search.By;
import org.kerneldna.train.io.InputException;

class SweepConfigTest {

  @TempDir private Path folder;

  @Test
  void readsWhatPeopleWrite() throws IOException {
    SweepConfig config =
        read(
            """
            # A comment.
            seed: 5
            space:
              lr: {min: 1e-3, max: 0.3, scale: log}
              gate_ratio: [2, 4]
              label_smoothing: {min: 0, max: 0.2}
              color_jitter: 0.4
              trivial_augment: [true, false]
              random_erasing: {min: 0, max: 0.5}
              mixup: [0, 0.2]
              cutmix: 1
              epochs: 9
            search: {by: grid, steps: 4}
            halving: {eta: 2}
            against: macs
            candidates: 20
            hours: 1.5
            """);
    assertThat(config.search().by()).isEqualTo(By.GRID);
    assertThat(config.search().steps()).isEqualTo(4);
    assertThat(config.successiveHalving().orElseThrow().rungs()).containsExactly(1, 2, 4, 8, 9);
    assertThat(config.against()).isEqualTo(Against.MACS);
    assertThat(config.parameterSpace().numParameters()).isEqualTo(6);
    assertThat(config.parameterSpace().getCutmix()).isEqualTo(new FixedValue<>(1.0));
    assertThat(config.imageSize()).isEqualTo(28);
    assertThat(config.smallStem()).isTrue();
    assertThat(JsonLines.read(JsonLines.write(config), SweepConfig.class)).isEqualTo(config);
    assertThat(read("data: images\nsearch: genetic\ncandidates: 3").imageSize()).isEqualTo(224);
  }

  @Test
  void theExampleCanBeRead() {
    SweepConfig example = SweepConfig.read(Path.of("..", "sweeps", "fashion-mini.yaml"));
    assertThat(example.successiveHalving().orElseThrow().rungs()).containsExactly(1, 3, 7);
  }

  @Test
  void limitsMayChangeAndNothingElse() throws IOException {
    SweepConfig config = read("candidates: 3\nspace: {lr: 0.1}");
    assertThat(config.continues(read("candidates: 9\nhours: 2\nparallel: 2\nspace: {lr: 0.1}")))
        .isTrue();
    assertThat(config.continues(read("candidates: 3\ntimeout_minutes: 5\nspace: {lr: [1e-1]}")))
        .isTrue();
    assertThat(config.continues(read("candidates: 3\nspace: {lr: 0.2}"))).isFalse();
    assertThat(config.continues(read("candidates: 3\nseed: 1\nspace: {lr: 0.1}"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "candidate: 3 | candidate",
        "candidates: many | candidates",
        "candidates: 0 | at least 1",
        "seed: 1 | candidates, hours or both",
        "{candidates: 3, space: {lrate: 1}} | lrate",
        "{candidates: 3, space: {lr: fast}} | a number",
        "{candidates: 3, space: {random_erasing: {min: 0, max: 2}}} | 0.0 to 1.0",
        "{candidates: 3, space: [1]} | space",
        "{candidates: 3, search: luck} | search",
        "{candidates: 3, search: {by: grid, steps: 1}} | at least 2",
        "{candidates: 3, search: genetic, against: macs} | one objective",
        "{candidates: 3, parallel: 2, against: latency} | parallel: 1",
        "{candidates: 3, halving: {min_epochs: 10}} | min_epochs",
        "{candidates: 3, halving: {eta: 3}, space: {epochs: [3, 9]}} | one number of epochs",
        "candidates: | candidates: null cannot be used",
        "candidates: 2.5 | candidates: 2.5 cannot be used: give a whole number",
        "candidates: 010 | candidates: 010 cannot be used",
        "hours: .inf | hours: .inf cannot be used",
        "hours: Infinity | hours is Infinity",
        "{candidates: 3, small_stem: 1} | small_stem: 1 cannot be used: give true or false",
        "{candidates: 3, data: 2024} | data: 2024 cannot be used: give text",
        "{candidates: 3, candidates: 4} | 'candidates' is given twice, as 3 and as 4",
        "{candidates: 3, space: {lr: 1, lr: 2}} | 'lr' is given twice",
        "{candidates: 3, space: {lr: }} | space.lr: null cannot be used",
        "{candidates: 3, space: {lr: 0x1}} | lr: 0x1",
        "{candidates: 3, space: {lr: 1d}} | lr: 1d",
        "{candidates: 3, space: {lr: .nan}} | lr: .nan",
        "{candidates: 3, space: {lr: Infinity}} | lr: Infinity",
        "{candidates: 3, space: {lr: {min: 0.1, min: 0.2, max: 1}}} | 'min' is given twice",
        "{candidates: 3, space: {batch_size: 064}} | batch_size: 064",
        "{candidates: 3, space: {epochs: 2.9}} | epochs: 2.9",
        "{candidates: 3, space: {customize: yes}} | customize: yes",
        "{candidates: 3, search: {mutation: }} | search.mutation: null",
        "{candidates: 3, halving: {eta: 2.5}} | halving.eta: 2.5",
        "{candidates: 3, timeout_minutes: 0} | timeout_minutes is 0.0: give more than 0",
        "{candidates: 3, timeout_minutes: NaN} | timeout_minutes is NaN",
        "{candidates: 3, timeout_minutes: 1e9} | at most 30000",
        "'' | cannot be used",
        "{candidates: 3 | no YAML",
        "3 | cannot be used"
      })
  void refusesInOneLine(String yaml, String remedy) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sweep.yaml")
        .hasMessageContaining(remedy)
        .message()
        .hasLineCount(1);
  }

  @Test
  void refusesASecondDocument() throws IOException {
    refusesInOneLine("candidates: 3\n---\ncandidates: 4", "line 2");
    refusesInOneLine("", "it is empty");
  }

  /** They took 1e-4 for text. */
  @Test
  void goesOnWithWhatEarlierVersionsRecorded() throws IOException {
    SweepConfig recorded =
        JsonLines.read(
            "{\"space\":{\"lr\":{\"min\":\"1e-4\",\"max\":0.1}},\"candidates\":3}",
            SweepConfig.class);
    assertThat(recorded.timeoutMinutes()).isEqualTo(60);
    assertThat(read("candidates: 3\nspace: {lr: {min: 1e-4, max: 0.1}}").continues(recorded))
        .isTrue();
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(() -> SweepConfig.read(folder.resolve("none.yaml")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none.yaml");
  }

  private SweepConfig read(String yaml) throws IOException {
    Path file = folder.resolve("sweep.yaml");
    Files.writeString(file, yaml);
    return SweepConfig.read(file);
  }
}
