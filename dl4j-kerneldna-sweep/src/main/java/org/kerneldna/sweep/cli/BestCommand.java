package org.kerneldna.sweep.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.kerneldna.sweep.CandidateFolders;
import org.kerneldna.sweep.Sweep;
import org.kerneldna.sweep.journal.Candidate;
import org.kerneldna.sweep.journal.History;
import org.kerneldna.sweep.trial.Training;
import org.kerneldna.train.cli.JsonOption;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the best candidate of a sweep, and takes its network out. */
@Command(
    name = "best",
    description = {
      "Show the candidate with the highest top-1, and copy its checkpoint.",
      "Works also while the sweep is running."
    })
final class BestCommand implements Runnable {

  @Parameters(paramLabel = "DIR", description = "Folder that 'sweep' was given as --out.")
  private Path folder;

  @Option(
      names = "--candidate",
      paramLabel = "N",
      description = "Another candidate, for example of the Pareto front.")
  private Integer number;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "Copy the checkpoint of its best epoch here, as 'train' writes them.")
  private Path export;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Candidate candidate = candidate(Sweep.read(folder));
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "candidate %d: top-1 %.2f %%, %,d parameters, %d of %d epochs%n%s",
            candidate.number(),
            candidate.score(),
            candidate.cost().parameters(),
            candidate.top1().size(),
            candidate.settings().epochs(),
            Json.toJson(candidate.settings()));
    if (export != null) {
      Path best = Training.bestCheckpoint(new CandidateFolders(folder).of(candidate.number()));
      AtomicFile.write(
          export, temporary -> Files.copy(best, temporary, StandardCopyOption.REPLACE_EXISTING));
      spec.commandLine().getOut().printf("its checkpoint is %s%n", export);
    }
    json.write(candidate);
  }

  private Candidate candidate(History history) {
    if (number == null) {
      return history
          .best()
          .orElseThrow(
              () -> new InputException(folder + " has no candidate with a score yet: wait"));
    }
    return history
        .candidate(number)
        .filter(Candidate::isScored)
        .orElseThrow(
            () ->
                new InputException(
                    "candidate %d of %s has no score: give one that has, see results.csv"
                        .formatted(number, folder)));
  }
}
