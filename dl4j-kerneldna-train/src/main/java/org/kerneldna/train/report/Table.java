package org.kerneldna.train.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table for a terminal: the first column is left-aligned, the others right-aligned. */
public final class Table {

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param header names of the columns
   */
  public Table(String... header) {
    rows.add(List.of(header));
  }

  /** Adds a row of as many cells as the header has. */
  public Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** The table's lines, each ended. */
  @Override
  public String toString() {
    return rows.stream()
        .map(row -> line(row) + System.lineSeparator())
        .collect(Collectors.joining());
  }

  private String line(List<String> row) {
    return IntStream.range(0, row.size())
        .mapToObj(
            column ->
                ("%" + (column == 0 ? "-" : "") + width(column) + "s").formatted(row.get(column)))
        .collect(Collectors.joining("  "));
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
