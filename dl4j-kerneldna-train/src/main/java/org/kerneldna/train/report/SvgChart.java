package org.kerneldna.train.report;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Curves over epochs as an SVG picture that takes the width it is given. */
final class SvgChart {

  private static final int WIDTH = 480;
  private static final int HEIGHT = 280;
  private static final int LEFT = 60;
  private static final int RIGHT = 16;
  private static final int TOP = 16;
  private static final int BOTTOM = 40;
  private static final int TICKS = 5;
  private static final String[] COLOURS = {"#1f77b4", "#d95f02", "#1b9e77", "#7570b3"};

  private final List<Curve> curves;
  private final double firstEpoch;
  private final double lastEpoch;
  private final double step;
  private final double low;
  private final double high;

  /** A value at an epoch. */
  record Point(double epoch, double value) {}

  /** Values by epoch. */
  record Curve(String name, List<Point> points) {}

  /**
   * @param curves with at least one point in all
   */
  SvgChart(List<Curve> curves) {
    this.curves = curves;
    firstEpoch = points().mapToDouble(Point::epoch).min().orElse(0);
    lastEpoch = Math.max(firstEpoch + 1, points().mapToDouble(Point::epoch).max().orElse(1));
    double least = points().mapToDouble(Point::value).min().orElse(0);
    double greatest = points().mapToDouble(Point::value).max().orElse(1);
    double alone = greatest == 0 ? 1 : Math.abs(greatest);
    step = roundStep(greatest > least ? greatest - least : alone);
    low = Math.floor(least / step) * step;
    high = Math.max(low + step, Math.ceil(greatest / step) * step);
  }

  /** From one tick to the next: 1, 2 or 5 times a power of ten. */
  private static double roundStep(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / TICKS)));
    double steps = range / TICKS / power;
    return power * (steps <= 1 ? 1 : steps <= 2 ? 2 : steps <= 5 ? 5 : 10);
  }

  private Stream<Point> points() {
    return curves.stream().flatMap(curve -> curve.points().stream());
  }

  /** The picture, below its title and the names of its curves, as HTML. */
  String section(String title) {
    return "<section><h2>%s</h2>%s\n%s</section>\n".formatted(title, legend(), svg(title));
  }

  /** The picture. */
  String svg(String title) {
    StringBuilder svg = new StringBuilder();
    line(svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT, title);
    valueTicks(svg);
    epochTicks(svg);
    for (int i = 0; i < curves.size(); i++) {
      curve(svg, curves.get(i), colour(i));
    }
    return svg.append("</svg>\n").toString();
  }

  /** Names of the curves in their colours, as HTML. */
  String legend() {
    return IntStream.range(0, curves.size())
        .mapToObj(i -> "<span style=\"color:%s\">%s</span>".formatted(colour(i), name(i)))
        .collect(joining(" "));
  }

  private String name(int i) {
    return "&#9632; " + Html.escape(curves.get(i).name());
  }

  private static String colour(int i) {
    return COLOURS[i % COLOURS.length];
  }

  private void valueTicks(StringBuilder svg) {
    long ticks = Math.round((high - low) / step);
    for (int i = 0; i <= ticks; i++) {
      double value = low + i * step;
      line(
          svg,
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%3$.1f\" class=\"grid\"/>"
              + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>",
          LEFT,
          WIDTH - RIGHT,
          y(value),
          LEFT - 6,
          y(value) + 4,
          value);
    }
  }

  private void epochTicks(StringBuilder svg) {
    int every = (int) Math.max(1, Math.ceil((lastEpoch - firstEpoch) / TICKS));
    for (int epoch = (int) firstEpoch; epoch <= lastEpoch; epoch += every) {
      line(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
          x(epoch),
          HEIGHT - BOTTOM + 18,
          epoch);
    }
    line(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">epoch</text>",
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 6);
  }

  private void curve(StringBuilder svg, Curve curve, String colour) {
    String points =
        curve.points().stream()
            .map(p -> String.format(Locale.ROOT, "%.1f,%.1f", x(p.epoch()), y(p.value())))
            .collect(joining(" "));
    line(svg, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\"/>", points, colour);
    for (Point p : curve.points()) {
      line(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"><title>%s, epoch %.0f: %.5g</title></circle>",
          x(p.epoch()),
          y(p.value()),
          colour,
          Html.escape(curve.name()),
          p.epoch(),
          p.value());
    }
  }

  private double x(double epoch) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - firstEpoch) / (lastEpoch - firstEpoch);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low);
  }

  private static void line(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
