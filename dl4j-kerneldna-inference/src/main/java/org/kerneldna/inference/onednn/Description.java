package org.kerneldna.inference.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a compiled network runs a batch.
 *
 * @param lines what runs, in order, for one part of the batch
 * @param parts how many parts the batch is cut into
 */
public record Description(List<Line> lines, int parts) {

  private static final List<String> TITLES =
      List.of("vertex", "operation", "primitive", "implementation", "output", "layout");

  /**
   * A primitive of oneDNN's, or a routine in Java.
   *
   * @param vertex of the graph, whose output, or a part of that, it computes
   * @param operation of the graph language, with what it ends with; of what is left to DL4J, the
   *     class that configures it; "Output" for the copy to the array that the caller gets
   * @param primitive oneDNN's name for the kind: "reorder" copies to another layout; "DL4J" for
   *     what is left to that
   * @param implementation oneDNN's name for the code, with the instructions that it uses: one of
   *     "ref" is slow
   * @param output the shape of the output
   * @param layout of the output: letters are dimensions from the outermost to the innermost in
   *     memory, capital ones are cut into the blocks that follow
   * @param reason why it is left to DL4J; null of all else
   * @param milliseconds that it took; null if it was not timed
   */
  public record Line(
      String vertex,
      String operation,
      String primitive,
      String implementation,
      List<Long> output,
      String layout,
      String reason,
      Double milliseconds) {

    Line took(double time) {
      return new Line(vertex, operation, primitive, implementation, output, layout, reason, time);
    }

    private List<String> cells() {
      List<String> cells = new ArrayList<>();
      cells.add(vertex);
      cells.add(operation);
      cells.add(primitive);
      cells.add(reason == null ? implementation : reason);
      cells.add(output.stream().map(String::valueOf).collect(Collectors.joining("x")));
      cells.add(layout);
      if (milliseconds != null) {
        cells.add(String.format(Locale.ROOT, "%.3f", milliseconds));
      }
      return cells;
    }
  }

  /** What is left to DL4J. */
  public List<Line> leftToDl4j() {
    return lines.stream().filter(line -> line.reason() != null).toList();
  }

  Description took(double... milliseconds) {
    return new Description(
        IntStream.range(0, lines.size()).mapToObj(i -> lines.get(i).took(milliseconds[i])).toList(),
        parts);
  }

  /** A table for people, whose lines are all ended. */
  @Override
  public String toString() {
    List<List<String>> rows = new ArrayList<>(List.of(new ArrayList<>(TITLES)));
    if (lines.stream().anyMatch(line -> line.milliseconds() != null)) {
      rows.get(0).add("ms");
    }
    lines.forEach(line -> rows.add(line.cells()));
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(c -> rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0))
            .toArray();
    String table = rows.stream().map(row -> text(row, widths)).collect(Collectors.joining());
    return parts == 1 ? table : table + "for one of %d parts of the batch%n".formatted(parts);
  }

  private static String text(List<String> row, int... widths) {
    return IntStream.range(0, row.size())
            .mapToObj(c -> cell(c, row.get(c), widths[c]))
            .collect(Collectors.joining("  "))
            .stripTrailing()
        + System.lineSeparator();
  }

  /** Times are aligned by their points. */
  private static String cell(int column, String text, int width) {
    String rest = " ".repeat(width - text.length());
    return column < TITLES.size() ? text + rest : rest + text;
  }
}
