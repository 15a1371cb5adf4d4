package org.kerneldna.train.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of training and evaluation, as PNG files. */
@UtilityClass
public class Charts {

  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;
  private static final int SQUARE = 800;
  private static final int CELL = 32;
  private static final int LABELS = 320;
  private static final int BAR = 20;
  private static final int MARGIN = 100;
  private static final Color EMPTY = Color.WHITE;
  private static final Color FULL = new Color(0x2171b5);

  /**
   * Curves over epochs 1, 2, 3...
   *
   * @param what the vertical axis
   * @param curves values by name, one an epoch
   */
  public void curves(Path png, String title, String what, Map<String, List<Double>> curves) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(what)
            .build();
    chart
        .getStyler()
        .setLegendPosition(LegendPosition.OutsideS)
        .setChartBackgroundColor(Color.WHITE);
    curves.forEach(
        (name, values) ->
            chart.addSeries(name, epochs(values), values).setMarker(SeriesMarkers.CIRCLE));
    save(chart, png);
  }

  private List<Integer> epochs(List<Double> values) {
    return IntStream.rangeClosed(1, values.size()).boxed().toList();
  }

  /**
   * Bars side by side in groups. The axis is logarithmic, since they may differ a hundredfold.
   *
   * @param what the vertical axis
   * @param groups names of the groups
   * @param bars values above 0 by name, one a group
   */
  public void bars(
      Path png, String title, String what, List<String> groups, Map<String, List<Double>> bars) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Math.max(WIDTH, MARGIN + groups.size() * bars.size() * BAR))
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(what)
            .build();
    chart
        .getStyler()
        .setYAxisLogarithmic(true)
        .setYAxisMin(decadeBelow(bars))
        .setXAxisLabelRotation(groups.size() > 4 ? 30 : 0)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setChartBackgroundColor(Color.WHITE);
    bars.forEach((name, values) -> chart.addSeries(name, groups, values));
    save(chart, png);
  }

  /** A power of ten that leaves the lowest bar at least a factor of two. */
  private double decadeBelow(Map<String, List<Double>> bars) {
    double lowest = bars.values().stream().mapToDouble(Collections::min).min().orElse(1);
    return Math.pow(10, Math.floor(Math.log10(lowest / 2)));
  }

  /**
   * A confusion matrix, the first true class at the top.
   *
   * @param classes names by label
   * @param counts number of images by [true class][predicted class]
   */
  public void confusion(Path png, String title, List<String> classes, int[][] counts) {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(SQUARE)
            .height(SQUARE)
            .title(title)
            .xAxisTitle("predicted class")
            .yAxisTitle("true class")
            .build();
    chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisLabelRotation(45);
    chart.getStyler().setRangeColors(new Color[] {EMPTY, FULL});
    chart.getStyler().setShowValue(true).setValueFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    List<String> fromBottom = new ArrayList<>(classes);
    Collections.reverse(fromBottom);
    chart.addSeries(
        "images",
        classes,
        fromBottom,
        cells(counts.length, (actual, predicted) -> counts[actual][predicted]));
    save(chart, png);
  }

  /**
   * Similarities of layers to one another, the first layer at the top left.
   *
   * @param layers their names
   * @param values similarities by [layer][layer], 0 to 1
   */
  public void similarity(Path png, String title, List<String> layers, double[][] values) {
    int side = Math.max(SQUARE, LABELS + layers.size() * CELL);
    HeatMapChart chart = new HeatMapChartBuilder().width(side).height(side).title(title).build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisLabelRotation(90);
    chart.getStyler().setRangeColors(new Color[] {EMPTY, FULL}).setMin(0).setMax(1);
    chart.getStyler().setShowValue(true).setValueFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10));
    chart.getStyler().setHeatMapValueDecimalPattern("0.00");
    List<String> fromBottom = new ArrayList<>(layers);
    Collections.reverse(fromBottom);
    chart.addSeries(
        "similarity",
        layers,
        fromBottom,
        cells(layers.size(), (row, column) -> values[row][column]));
    save(chart, png);
  }

  /** Column, row from the bottom, number. */
  private List<Number[]> cells(int size, BiFunction<Integer, Integer, Number> byRowAndColumn) {
    List<Number[]> cells = new ArrayList<>();
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        cells.add(new Number[] {column, size - 1 - row, byRowAndColumn.apply(row, column)});
      }
    }
    return cells;
  }

  /**
   * Fonts are looked for only when text is drawn, and Java fails in many ways where it has none.
   */
  private void save(Chart<?, ?> chart, Path png) {
    byte[] picture;
    try {
      picture = BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
    } catch (IOException | RuntimeException | LinkageError | InternalError e) {
      throw new InputException(
          "%s cannot be drawn (%s): install fonts for Java, on Debian fontconfig and fonts-dejavu-core"
              .formatted(png, e),
          e);
    }
    AtomicFile.write(png, temporary -> Files.write(temporary, picture));
  }
}
