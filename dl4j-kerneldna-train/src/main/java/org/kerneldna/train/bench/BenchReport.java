package org.kerneldna.train.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kerneldna.train.report.Table;

/**
 * What was measured.
 *
 * @param machine on what
 * @param imageSize side of the square RGB images, in pixels
 * @param warmUp rounds before those that counted
 * @param rounds that counted
 * @param notes what to know when reading the figures, a line each
 */
public record BenchReport(
    Machine machine,
    int imageSize,
    int warmUp,
    int rounds,
    List<String> notes,
    List<BenchRow> rows) {

  /** The same with one more row, and a note where there is one that is new. */
  BenchReport with(BenchRow row, Optional<String> note) {
    return new BenchReport(
        machine,
        imageSize,
        warmUp,
        rounds,
        Stream.concat(notes.stream(), note.stream()).distinct().toList(),
        Stream.concat(rows.stream(), Stream.of(row)).toList());
  }

  /** The rows of one mode, in the order in which they were measured. */
  public List<BenchRow> rows(Mode mode) {
    return rows.stream().filter(row -> row.mode() == mode).toList();
  }

  /** A table for each mode and the notes, for people; each line ended. */
  @Override
  public String toString() {
    String tables =
        Stream.of(Mode.values())
            .filter(mode -> !rows(mode).isEmpty())
            .map(mode -> table(mode) + System.lineSeparator())
            .collect(Collectors.joining());
    return tables
        + Stream.concat(notes.stream(), Stream.of("on " + machine))
            .map(BenchReport::line)
            .collect(Collectors.joining());
  }

  private Table table(Mode mode) {
    Table table =
        new Table(
            mode.toString(),
            "batch",
            "competitor",
            "rounds",
            "median ms",
            "min",
            "max",
            "time vs " + Competitor.REFERENCE,
            "time vs ONNX Runtime",
            "images/s",
            "GMAC/s",
            "time/MAC vs static");
    for (BenchRow row : rows(mode)) {
      row.results().forEach(result -> add(table, row, result));
    }
    return table;
  }

  private static void add(Table table, BenchRow row, BenchResult result) {
    boolean isStatic = result.competitor() == result.competitor().staticTwin();
    table.row(
        row.arch(),
        Integer.toString(row.batchSize()),
        result.competitor().toString(),
        Integer.toString(result.rounds()),
        format("%.1f", result.medianMs()),
        format("%.1f", result.minMs()),
        format("%.1f", result.maxMs()),
        format("%.2f", result.timeRatio()),
        result.onnxRatio() == null ? "" : format("%.2f", result.onnxRatio()),
        format("%.1f", result.imagesPerSecond()),
        format("%.1f", result.macsPerSecond() / 1e9),
        isStatic ? "" : format("%.2f", result.timePerMac()));
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String line(String text) {
    return text + System.lineSeparator();
  }
}
