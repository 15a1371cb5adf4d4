package org.kerneldna.train.report;

import static java.util.stream.Collectors.joining;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.report.SvgChart.Curve;
import org.kerneldna.train.report.SvgChart.Point;

/** A training as one HTML page that needs nothing beside it: curves, recipe, and all figures. */
@UtilityClass
public class TrainingReport {

  private static final String EPOCH = "epoch";

  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

  private static final List<Chart> CHARTS =
      List.of(
          new Chart(
              "Loss", new Series("train_loss", "training"), new Series("eval_loss", "validation")),
          new Chart(
              "Top-1, %",
              new Series("train_top1", "training"), new Series("eval_top1", "validation")),
          new Chart("Learning rate", new Series("lr", "learning rate")),
          new Chart(
              "Images a second",
              new Series("train_images_per_second", "training"),
              new Series("eval_images_per_second", "validation")),
          new Chart("Waiting for images, %", new Series("train_data_wait", "training")),
          new Chart(
              "Bad images",
              new Series("train_bad_images", "training"),
              new Series("eval_bad_images", "validation")));

  /** A column to draw, and its name for people. */
  private record Series(String column, String name) {}

  /** Columns to draw together. */
  private record Chart(String title, Series... series) {}

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%1$s</title>
      <style>
      body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff;
             max-width: 1320px; margin: 0 auto; padding: 0 12px 24px; }
      h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 1em 0 0; }
      .charts { display: grid; gap: 8px 24px;
                grid-template-columns: repeat(auto-fit, minmax(min(100%%, 480px), 1fr)); }
      svg { width: 100%%; height: auto; display: block; }
      svg text { font-size: 12px; fill: #555; }
      svg polyline { stroke-width: 2; }
      svg .grid { stroke: #ddd; }
      pre, .wide { overflow-x: auto; }
      pre { background: #f5f5f5; padding: 8px; }
      table { border-collapse: collapse; font-size: 13px; }
      th, td { padding: 2px 8px; text-align: right; white-space: nowrap; }
      tr:nth-child(even) { background: #f5f5f5; }
      </style>
      </head>
      <body>
      <h1>%1$s</h1>
      <div class="charts">
      %2$s</div>
      <h2>Recipe</h2>
      <pre>%3$s</pre>
      <h2>Epochs</h2>
      <div class="wide">
      <table>
      %4$s</table>
      </div>
      </body>
      </html>
      """;

  /**
   * Writes the page.
   *
   * @param recipe as text
   * @param epochs figures by column, of at least one epoch; one column is the epoch
   * @throws org.kerneldna.train.io.InputException if the file cannot be written
   */
  public void write(Path file, String title, String recipe, List<Map<String, String>> epochs) {
    String page =
        PAGE.formatted(Html.escape(title), charts(epochs), Html.escape(recipe), rows(epochs));
    AtomicFile.write(file, temporary -> Files.writeString(temporary, page));
  }

  private String charts(List<Map<String, String>> epochs) {
    return CHARTS.stream().map(chart -> section(chart, epochs)).collect(joining());
  }

  private String section(Chart chart, List<Map<String, String>> epochs) {
    List<Curve> curves =
        Stream.of(chart.series())
            .map(series -> new Curve(series.name(), points(epochs, series.column())))
            .filter(curve -> !curve.points().isEmpty())
            .toList();
    SvgChart picture = new SvgChart(curves);
    return "<section><h2>%s</h2>%s\n%s</section>\n"
        .formatted(chart.title(), picture.legend(), picture.svg(chart.title()));
  }

  private List<Point> points(List<Map<String, String>> epochs, String column) {
    return epochs.stream()
        .filter(epoch -> NUMBER.matcher(epoch.getOrDefault(column, "")).matches())
        .map(epoch -> new Point(number(epoch.get(EPOCH)), number(epoch.get(column))))
        .toList();
  }

  private double number(String cell) {
    return Double.parseDouble(cell);
  }

  private String rows(List<Map<String, String>> epochs) {
    List<String> columns = List.copyOf(epochs.get(epochs.size() - 1).keySet());
    String header = row("th", columns.stream().map(column -> column.replace('_', ' ')).toList());
    return header
        + epochs.stream()
            .map(epoch -> row("td", columns.stream().map(c -> epoch.getOrDefault(c, "")).toList()))
            .collect(joining());
  }

  private String row(String tag, List<String> cells) {
    return cells.stream()
        .map(cell -> "<%1$s>%2$s</%1$s>".formatted(tag, Html.escape(cell)))
        .collect(joining("", "<tr>", "</tr>\n"));
  }
}
