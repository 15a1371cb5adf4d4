package org.kerneldna.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/** A CSV file with one row an epoch. */
final class SummaryCsv {

  private final Path file;
  private final List<String> lines;

  private SummaryCsv(Path file, List<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Opens a file to go on after some epochs. Rows of later epochs, which a resumed training does
   * again, are dropped.
   *
   * @param epochs number of epochs done, whose rows are kept
   */
  static SummaryCsv open(Path file, int epochs) {
    List<String> lines = new ArrayList<>(List.of(EpochSummary.CSV_HEADER));
    if (epochs > 0 && Files.exists(file)) {
      lines.addAll(read(file).stream().skip(1).limit(epochs).toList());
    }
    return new SummaryCsv(file, lines);
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /** Adds a row; the file is complete afterwards. */
  void add(EpochSummary summary) {
    lines.add(summary.toCsv());
    AtomicFile.write(file, temporary -> Files.write(temporary, lines));
  }
}
