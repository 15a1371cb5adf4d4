package org.kerneldna.train.report;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.report.SvgChart.Curve;
import org.kerneldna.train.report.SvgChart.Point;

/** Charts of curves over epochs and a table, as one HTML page that needs nothing beside it. */
@UtilityClass
public class CurvesReport {

  /**
   * Curves to draw together.
   *
   * @param curves values of epochs 1, 2, ..., by name
   */
  public record Chart(String title, Map<String, List<Double>> curves) {

    private String section() {
      return new SvgChart(
              curves.entrySet().stream()
                  .map(curve -> new Curve(curve.getKey(), points(curve.getValue())))
                  .toList())
          .section(title);
    }

    private static List<Point> points(List<Double> values) {
      return IntStream.range(0, values.size())
          .mapToObj(i -> new Point(i + 1, values.get(i)))
          .toList();
    }
  }

  /**
   * Writes the page.
   *
   * @throws org.kerneldna.train.io.InputException if the file cannot be written
   */
  public void write(
      Path file, String title, List<Chart> charts, List<String> header, List<List<String>> rows) {
    Html.writePage(
        file,
        title,
        "<div class=\"charts\">\n"
            + charts.stream().map(Chart::section).collect(joining())
            + "</div>\n<div class=\"wide\">\n<table>\n"
            + Html.row("th", header)
            + rows.stream().map(row -> Html.row("td", row)).collect(joining())
            + "</table>\n</div>\n");
  }
}
