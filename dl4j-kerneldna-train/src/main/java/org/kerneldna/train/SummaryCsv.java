package org.kerneldna.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/** A CSV file with one row an epoch. Cells are numbers, so that none needs quotes. */
public final class SummaryCsv {

  /** Its name beside the logs. */
  public static final String NAME = "summary.csv";

  private static final String EPOCH = "epoch";

  private final Path file;
  private final List<Map<String, String>> rows;

  private SummaryCsv(Path file, List<Map<String, String>> rows) {
    this.file = file;
    this.rows = rows;
  }

  /**
   * Opens a file to go on after some epochs. Rows of later epochs, which a resumed training does
   * again, are dropped.
   *
   * @param epochs number of epochs done, whose rows are kept
   * @throws InputException if the file cannot be read
   */
  static SummaryCsv open(Path file, int epochs) {
    List<Map<String, String>> rows = new ArrayList<>();
    if (epochs > 0 && Files.exists(file)) {
      rows.addAll(read(file));
      rows.removeIf(row -> isAfter(row, epochs));
    }
    return new SummaryCsv(file, rows);
  }

  /**
   * Cells by column, of every epoch.
   *
   * @throws InputException if the file cannot be read
   */
  public static List<Map<String, String>> read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      String[] names = lines.isEmpty() ? new String[0] : lines.get(0).split(",");
      return lines.stream().skip(1).map(line -> row(names, line.split(",", -1))).toList();
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /**
   * The number in a cell.
   *
   * @param file that the row was read from
   * @throws InputException if there is none
   */
  public static double number(Path file, Map<String, String> row, String column) {
    String cell = row.getOrDefault(column, "");
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw new InputException(
          "%s has \"%s\" for %s in the row \"%s\", which is no number: restore it, or leave the training out"
              .formatted(file, cell, column, String.join(",", row.values())),
          e);
    }
  }

  private static Map<String, String> row(String[] names, String[] cells) {
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(names.length, cells.length); i++) {
      row.put(names[i], cells[i]);
    }
    return row;
  }

  private static boolean isAfter(Map<String, String> row, int epochs) {
    String epoch = row.getOrDefault(EPOCH, "");
    return !epoch.matches("\\d{1,9}") || Integer.parseInt(epoch) > epochs;
  }

  /** Cells by column, of every epoch. */
  List<Map<String, String>> rows() {
    return rows;
  }

  /**
   * Adds a row; the file is complete afterwards.
   *
   * @throws InputException if the file cannot be written
   */
  void add(EpochSummary summary) {
    rows.add(summary.row());
    List<String> columns = List.copyOf(summary.row().keySet());
    List<String> lines = new ArrayList<>(List.of(String.join(",", columns)));
    for (Map<String, String> row : rows) {
      lines.add(String.join(",", columns.stream().map(c -> row.getOrDefault(c, "")).toList()));
    }
    AtomicFile.write(file, temporary -> Files.write(temporary, lines));
  }
}
