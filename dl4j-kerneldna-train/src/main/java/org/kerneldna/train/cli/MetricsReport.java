package org.kerneldna.train.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.kerneldna.graph.count.LayerComplexity;
import org.kerneldna.inference.onednn.Description;
import org.kerneldna.train.Latency;
import org.kerneldna.train.report.Table;

/**
 * What {@code metrics} measured, as {@code --json} writes it; what was not asked for is null, and
 * left out.
 *
 * @param title the network's name for people
 * @param macs multiply-accumulates of one image
 * @param compiled whether the latency is that of the network compiled for inference
 * @param backend what the latency was measured on
 * @param steps what the compiled network runs for a part of the batch, and how long that takes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record MetricsReport(
    String title,
    String arch,
    boolean customize,
    int imageSize,
    double width,
    boolean smallStem,
    int numClasses,
    Long params,
    Long macs,
    Latency latency,
    Boolean compiled,
    String backend,
    List<Layer> layers,
    Description steps) {

  /** A vertex of the network. */
  record Layer(String vertex, String kind, List<Long> outputShape, long params, long macs) {

    static Layer of(LayerComplexity layer) {
      return new Layer(
          layer.vertex(), layer.kind(), layer.outputShape(), layer.parameters(), layer.macs());
    }
  }

  /** The lines for people, each ended. */
  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    if (layers != null) {
      lines.append(table()).append(System.lineSeparator());
    }
    if (steps != null) {
      lines.append(steps).append(System.lineSeparator());
    }
    lines.append(
        line(
            "%s, width %s, %dx%d pixels, %d classes",
            title, width, imageSize, imageSize, numClasses));
    if (params != null) {
      lines.append(line("parameters  %,d", params));
    }
    if (macs != null) {
      lines.append(line("MACs        %,d", macs));
    }
    if (latency != null) {
      lines.append(speed());
    }
    return lines.toString();
  }

  private String speed() {
    return line(
            "latency     %.2f ms%s, standard deviation %.2f ms, of %d batches of %d",
            latency.meanMs(),
            compiled ? " compiled" : "",
            latency.stdMs(),
            latency.iterations(),
            latency.batchSize())
        + line("throughput  %.1f images/s", latency.imagesPerSecond())
        + line("on          %s", backend);
  }

  private Table table() {
    Table table = new Table("vertex", "kind", "output", "parameters", "MACs");
    for (Layer layer : layers) {
      table.row(layer.vertex, layer.kind, shape(layer), count(layer.params), count(layer.macs));
    }
    return table.row(
        "total",
        "",
        "",
        count(layers.stream().mapToLong(Layer::params).sum()),
        count(layers.stream().mapToLong(Layer::macs).sum()));
  }

  private static String shape(Layer layer) {
    return layer.outputShape.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format + "%n", values);
  }
}
