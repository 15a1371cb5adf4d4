package org.kerneldna.train.report;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
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

  private static final String BODY =
      """
      <div class="charts">
      %s</div>
      <h2>Recipe</h2>
      <pre>%s</pre>
      <h2>Epochs</h2>
      <div class="wide">
      <table>
      %s</table>
      </div>
      """;

  /**
   * Writes the page.
   *
   * @param recipe as text
   * @param epochs figures by column, of at least one epoch; one column is the epoch
   * @throws org.kerneldna.train.io.InputException if the file cannot be written
   */
  public void write(Path file, String title, String recipe, List<Map<String, String>> epochs) {
    Html.writePage(file, title, BODY.formatted(charts(epochs), Html.escape(recipe), rows(epochs)));
  }

  private String charts(List<Map<String, String>> epochs) {
    return CHARTS.stream().map(chart -> section(chart, epochs)).collect(joining());
  }

  private String section(Chart chart, List<Map<String, String>> epochs) {
    return new SvgChart(
            Stream.of(chart.series())
                .map(series -> new Curve(series.name(), points(epochs, series.column())))
                .filter(curve -> !curve.points().isEmpty())
                .toList())
        .section(chart.title());
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
    String header = Html.row("th", columns.stream().map(c -> c.replace('_', ' ')).toList());
    return header
        + epochs.stream()
            .map(epoch -> columns.stream().map(c -> epoch.getOrDefault(c, "")).toList())
            .map(cells -> Html.row("td", cells))
            .collect(joining());
  }
}
