package org.kerneldna.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.sweep.SweepConfig.Halving;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.search.Search;
import org.kerneldna.sweep.search.Search.By;

class ResumeTest {

  private static final int CUTS = 2;
  private static final int KILLS = 2;
  private static final SweepListener SILENT = new SweepListener() {};

  @TempDir private Path folder;

  @Test
  void cutAnywhereItComesToTheSameEnd() throws IOException {
    for (Search search : List.of(new Search(By.RANDOM), new Search(By.GENETIC, null, 4, 0.2))) {
      SweepConfig config = halving(search);
      History whole = run(config, search.by() + "-whole");
      byte[] journal = Files.readAllBytes(journal(search.by() + "-whole"));
      Random random = new Random(5);
      for (int i = 0; i < CUTS; i++) {
        String name = search.by() + "-cut" + i;
        Files.createDirectories(folder.resolve(name));
        Files.write(journal(name), Arrays.copyOf(journal, random.nextInt(journal.length)));
        assertThat(SweepTest.outcome(run(config, name))).isEqualTo(SweepTest.outcome(whole));
      }
    }
  }

  @Test
  void killedAndStartedAgainItGoesOn() throws Exception {
    Path killed = folder.resolve("killed");
    int kills = 0;
    boolean ended = false;
    while (!ended) {
      Process process = SweepProcess.start(killed);
      ended = process.waitFor(kills < KILLS ? 2000 : 60_000, TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
        kills++;
      }
    }
    assertThat(kills).isPositive();
    History uninterrupted =
        Sweep.run(SweepProcess.CONFIG, folder.resolve("whole"), new AnalyticTrial(), SILENT);
    assertThat(SweepTest.outcome(Sweep.read(killed))).isEqualTo(SweepTest.outcome(uninterrupted));
  }

  private History run(SweepConfig config, String name) {
    return Sweep.run(config, folder.resolve(name), new AnalyticTrial(), SILENT);
  }

  private static SweepConfig halving(Search search) {
    return new SweepConfig(
        null, null, null, 3L, SweepTest.SPACE, search, new Halving(1, 3), null, 9, null, null);
  }

  private Path journal(String name) {
    return folder.resolve(name).resolve("journal.jsonl");
  }
}
