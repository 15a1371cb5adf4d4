package org.kerneldna.sweep.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.kerneldna.sweep.CandidateFolders;
import org.kerneldna.sweep.Sweep;
import org.kerneldna.sweep.SweepConfig;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.Candidate.Status;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.report.SweepProgress;
import org.kerneldna.sweep.report.SweepReport;
import org.kerneldna.train.cli.AddedCommand;
import org.kerneldna.train.cli.JsonOption;
import org.kerneldna.train.io.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Searches hyperparameters. */
@Command(
    name = "sweep",
    description = {
      "Search hyperparameters of networks and of their training.",
      "Interrupted at any moment, the same command goes on where it stopped."
    },
    subcommands = BestCommand.class)
public final class SweepCommand implements AddedCommand {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "What to search, in YAML; candidates, hours, parallel and timeout_minutes may change from one run"
              + " to the next.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/sweep",
      description = "Folder for journal, results.csv, report.html and the candidates.")
  private Path out;

  @Option(
      names = "--resume",
      description = "Go on with the sweep in --out; --config may be left out then.")
  private boolean resume;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  /** What {@code --json} writes. */
  private record Report(List<Candidate> candidates) {}

  @Override
  public void run() {
    SweepConfig config = config();
    try (SweepProgress progress = SweepProgress.start(config)) {
      History history = Sweep.run(config, out, progress);
      progress.close();
      print(history);
      json.write(new Report(List.copyOf(history.candidates())));
    }
  }

  private SweepConfig config() {
    if (resume) {
      Optional<SweepConfig> begun = Sweep.read(out).config();
      if (file == null) {
        return begun.orElseThrow(
            () -> new InputException(out + " has no sweep that began: give --config"));
      }
    }
    if (file == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing option: --config=FILE, or --resume to go on with --out");
    }
    return SweepConfig.read(file);
  }

  private void print(History history) {
    String best =
        history
            .best()
            .map(
                candidate ->
                    String.format(
                        Locale.ROOT,
                        "best top-1 %.2f %% by candidate %d, in %s",
                        candidate.score(),
                        candidate.number(),
                        new CandidateFolders(out).of(candidate.number())))
            .orElse("no candidate could be trained");
    spec.commandLine()
        .getOut()
        .printf(
            "%s%ncandidates: %d, failed: %d; all are in %s%n",
            best,
            history.candidates().size(),
            history.count(Status.FAILED),
            out.resolve(SweepReport.HTML));
  }
}
