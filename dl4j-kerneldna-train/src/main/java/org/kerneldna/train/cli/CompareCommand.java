package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.Comparison;
import org.kerneldna.train.Comparison.Network;
import org.kerneldna.train.report.CurvesReport;
import org.kerneldna.train.report.CurvesReport.Chart;
import org.kerneldna.train.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts trainings side by side. */
@Slf4j
@Command(
    name = "compare",
    description = {
      "Compare trainings by parameters, multiply-accumulates and top-1 after the last epoch.",
      "Those that differ in nothing but the seed make one row: mean and standard deviation."
    })
final class CompareCommand implements Runnable {

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "Folders of checkpoints and summary.csv, as 'train --ckpt-dir' leaves them.")
  private List<Path> folders;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "HTML page to write, with the curves of loss and top-1.")
  private Path page;

  @Mixin private JsonOption json;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Comparison comparison = Comparison.of(folders);
    comparison.networks().forEach(CompareCommand::warnOfEqualSeeds);
    List<List<String>> rows = comparison.networks().stream().map(Network::cells).toList();
    Table table = new Table(Comparison.COLUMNS.toArray(String[]::new));
    rows.forEach(row -> table.row(row.toArray(String[]::new)));
    spec.commandLine().getOut().printf("%s", table);
    if (!comparison.differences().isEmpty()) {
      String differences = String.join(", ", comparison.differences());
      spec.commandLine().getOut().printf("The trainings differ in: %s%n", differences);
    }
    if (page != null) {
      List<Chart> charts =
          List.of(
              chart("Validation top-1, %", comparison, Network::curve),
              chart("Training loss", comparison, Network::losses));
      CurvesReport.write(page, "Comparison", charts, Comparison.COLUMNS, rows);
    }
    json.write(comparison);
  }

  private static void warnOfEqualSeeds(Network network) {
    if (network.seeds().stream().distinct().count() < network.runs()) {
      log.warn(
          "{}: several trainings have one seed, so that they are no independent ones: seeds {}",
          network.name(),
          network.seeds());
    }
  }

  private static Chart chart(
      String title, Comparison comparison, Function<Network, List<Double>> values) {
    Map<String, List<Double>> curves = new LinkedHashMap<>();
    comparison.networks().forEach(network -> curves.put(network.name(), values.apply(network)));
    return new Chart(title, curves);
  }
}
