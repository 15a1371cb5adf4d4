package org.kerneldna.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.sweep.CandidateFolders;
import org.kerneldna.sweep.FewImages;
import org.kerneldna.sweep.Sweep;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Candidate.Status;
import org.kerneldna.train.Checkpoint;
import picocli.CommandLine;

class SweepCommandTest {

  @TempDir private Path folder;

  private record Run(int exitCode, String out, String err) {}

  @Test
  void searchesByRealTrainings() throws IOException {
    Path out = folder.resolve("out");
    Path config = config(FewImages.in(folder));
    Run first = run("sweep", "--config", config.toString(), "--out", out.toString());
    assertThat(first.err()).isEmpty();
    assertThat(first.out()).contains("best top-1").contains("candidates: 2, failed: 1");

    Candidate failed = Sweep.read(out).candidate(1).orElseThrow();
    assertThat(failed.status()).isEqualTo(Status.FAILED);
    assertThat(failed.reason()).contains("warm-up");

    Candidate best = Sweep.read(out).best().orElseThrow();
    Path model = folder.resolve("model.zip");
    Run exported = run("sweep", "best", out.toString(), "--export", model.toString());
    assertThat(exported.exitCode()).isZero();
    assertThat(exported.out()).contains("candidate " + best.number()).contains("\"lr\"");
    Checkpoint checkpoint = Checkpoint.load(model);
    assertThat(checkpoint.card().bestTop1()).isCloseTo(best.score(), within(0.001));
    assertThat(checkpoint.complexity().parameters()).isEqualTo(best.cost().parameters());
    assertThat(checkpoint.graph().getVertex(KernelDNA.gateOf("layer4.convs.0"))).isNull();

    Path curve = new CandidateFolders(out).of(best.number()).resolve("curve.csv");
    assertThat(Files.readAllLines(curve)).hasSize(1 + best.top1().size());
    Run again = run("sweep", "--resume", "--out", out.toString());
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).isEqualTo(first.out());
  }

  @Test
  void hasHelp() {
    Run run = run("sweep", "--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("Usage: kerneldna sweep")
        .contains("best")
        .contains("--resume")
        .contains("--json")
        .contains("Exit codes:");
    assertThat(run("--help").out()).contains("sweep");
  }

  @Test
  void withoutConfigurationIsWrongUsage() {
    Run run = run("sweep", "--out", folder.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--config");
  }

  @Test
  void badInputIsOneLine() throws IOException {
    Path config = folder.resolve("sweep.yaml");
    Files.writeString(config, "candidates: 2\nspace: {lr: {min: 1, max: 0.1}}");
    assertOneLine("lr", "sweep", "--config", config.toString(), "--out", folder.toString());
    Files.writeString(config, "candidates: 2\ndata: nowhere");
    assertOneLine("nowhere", "sweep", "--config", config.toString(), "--out", folder.toString());
    assertOneLine("journal.jsonl", "sweep", "best", folder.resolve("nothing").toString());
    assertOneLine("journal.jsonl", "sweep", "--resume", "--out", folder.resolve("no").toString());
  }

  private static void assertOneLine(String content, String... args) {
    Run run = run(args);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains(content);
  }

  private static Run run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = org.kerneldna.train.cli.KernelDNA.commandLine();
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Run(line.execute(args), out.toString(), err.toString());
  }

  private Path config(Path images) throws IOException {
    Path config = folder.resolve("sweep.yaml");
    Files.writeString(
        config,
        """
        data: %s
        image_size: 16
        small_stem: true
        space:
          width: 0.125
          gate_ratio: 0
          lr: 0.02
          warmup_epochs: [0, 1]
          epochs: 1
          batch_size: 8
        search: grid
        """
            .formatted(images.toString().replace('\\', '/')));
    return config;
  }
}
