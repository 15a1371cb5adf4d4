package org.kerneldna.sweep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.space.Modulation;
import org.kerneldna.sweep.space.Settings;
import org.kerneldna.sweep.trial.Cost;
import org.kerneldna.train.io.InputException;

class JournalTest {

  private static final Settings SETTINGS =
      Settings.builder()
          .arch("resnet18")
          .customize(true)
          .plainClusters(0)
          .gateRatio(4)
          .modulation(Modulation.SPATIAL)
          .width(0.1)
          .lr(1.0 / 3)
          .weightDecay(1e-4)
          .momentum(0.9)
          .batchSize(32)
          .epochs(9)
          .warmupEpochs(1)
          .labelSmoothing(0.1)
          .colorJitter(0.4)
          .trivialAugment(true)
          .randomErasing(0.25)
          .mixup(0.2)
          .cutmix(1)
          .build();

  private static final List<Event> EVENTS =
      List.of(
          new Event.Opened(
              new SweepConfig(
                  null, null, null, 7L, Map.of("lr", 0.1), null, null, null, 4, null, null),
              0),
          new Event.Started(0, SETTINGS, 3, 0.25),
          new Event.Finished(0, List.of(10.5, 60.125), new Cost(1000, 2000, null), 1.5),
          new Event.Failed(1, "the loss is NaN, \"training\" has\tdiverged", 2));

  @TempDir private Path folder;

  @Test
  void givesBackWhatWasAdded() {
    fill();
    try (Journal journal = Journal.open(file())) {
      assertThat(journal.past()).isEqualTo(EVENTS);
    }
    assertThat(Journal.read(file())).isEqualTo(EVENTS);
  }

  @Test
  void readsSettingsFromBeforeThereWasAugmentation() throws IOException {
    Files.writeString(
        file(),
        """
        {"event":"started","candidate":0,"settings":{"arch":"resnet18","customize":true,\
        "plain_clusters":0,"gate_ratio":4,"modulation":"spatial","width":0.1,"lr":0.25,\
        "weight_decay":1.0E-4,"momentum":0.9,"batch_size":32,"epochs":9,"warmup_epochs":1},\
        "epochs":3,"seconds":0.25}
        """);
    Settings plain =
        SETTINGS.toBuilder()
            .lr(0.25)
            .labelSmoothing(0)
            .colorJitter(0)
            .trivialAugment(false)
            .randomErasing(0)
            .mixup(0)
            .cutmix(0)
            .build();
    assertThat(Journal.read(file())).containsExactly(new Event.Started(0, plain, 3, 0.25));
  }

  @Test
  void dropsALineThatIsTornAnywhere() throws IOException {
    fill();
    byte[] whole = Files.readAllBytes(file());
    int last = new String(whole).lastIndexOf('\n', whole.length - 2) + 1;
    for (int end = last; end < whole.length; end += 7) {
      Files.write(file(), Arrays.copyOf(whole, end));
      assertThat(Journal.read(file())).isEqualTo(EVENTS.subList(0, 3));
      try (Journal journal = Journal.open(file())) {
        assertThat(journal.past()).hasSize(3);
        journal.add(EVENTS.get(3));
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(whole);
    }
  }

  @Test
  void namesTheLineThatIsDamaged() throws IOException {
    fill();
    Files.writeString(file(), Files.readString(file()).replace("\"started\"", "\"sta"));
    assertThatThrownBy(() -> Journal.open(file()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void letsOneProgramWrite() {
    try (Journal journal = Journal.open(file())) {
      assertThatThrownBy(() -> Journal.open(file()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("in use");
    }
    fill();
  }

  private void fill() {
    try (Journal journal = Journal.open(file())) {
      EVENTS.forEach(journal::add);
    }
  }

  private Path file() {
    return folder.resolve("journal.jsonl");
  }
}
