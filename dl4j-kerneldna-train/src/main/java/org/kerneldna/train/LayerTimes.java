package org.kerneldna.train;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.report.Table;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** How long the vertices of a graph take in training. */
@UtilityClass
public class LayerTimes {

  /** Passes before those that count: Java compiles, and memory is claimed. */
  private static final int WARM_UP = 2;

  /**
   * Milliseconds of a pass over one batch, as a mean.
   *
   * @param kind what the vertex is: its layer's class, or its own
   */
  public record LayerTime(String vertex, String kind, double forwardMs, double backwardMs) {

    double ms() {
      return forwardMs + backwardMs;
    }
  }

  /** A vertex's nanoseconds by method. */
  private static final class Watch {
    private final Map<String, Long> nanoseconds = new LinkedHashMap<>();

    double ms(String method, int passes) {
      return nanoseconds.getOrDefault(method, 0L) / 1e6 / passes;
    }
  }

  /**
   * Measures forward and backward passes; the parameters stay as they are. Inputs and the output's
   * loss are not measured.
   *
   * @param batches are taken while there are some
   * @param passes how many count, if there are as many batches
   * @return the slowest vertex first
   * @throws InputException if there are no more batches than the first {@value #WARM_UP}, which do
   *     not count
   */
  public List<LayerTime> measure(ComputationGraph graph, Iterator<DataSet> batches, int passes) {
    GraphVertex[] vertices = graph.getVertices();
    GraphVertex[] originals = vertices.clone();
    Map<GraphVertex, Watch> watches = new LinkedHashMap<>();
    for (int i = 0; i < WARM_UP && batches.hasNext(); i++) {
      pass(graph, batches.next());
    }
    for (int i = 0; i < vertices.length; i++) {
      if (!originals[i].isInputVertex() && !originals[i].isOutputVertex()) {
        Watch watch = new Watch();
        watches.put(originals[i], watch);
        vertices[i] = timed(originals[i], watch);
      }
    }
    int done = 0;
    try {
      for (; done < passes && batches.hasNext(); done++) {
        pass(graph, batches.next());
      }
    } finally {
      System.arraycopy(originals, 0, vertices, 0, originals.length);
    }
    if (done == 0) {
      throw new InputException(
          "profiling needs more than %d batches of readable images: give more images, or a smaller --batch-size"
              .formatted(WARM_UP));
    }
    int count = done;
    return watches.entrySet().stream()
        .map(entry -> time(entry.getKey(), entry.getValue(), count))
        .sorted(Comparator.comparing(LayerTime::ms).reversed())
        .toList();
  }

  private void pass(ComputationGraph graph, DataSet batch) {
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.computeGradientAndScore();
  }

  private GraphVertex timed(GraphVertex vertex, Watch watch) {
    return (GraphVertex)
        Proxy.newProxyInstance(
            GraphVertex.class.getClassLoader(),
            new Class<?>[] {GraphVertex.class},
            (proxy, method, arguments) -> timed(vertex, watch, method, arguments));
  }

  private Object timed(GraphVertex vertex, Watch watch, Method method, Object[] arguments)
      throws Throwable {
    long start = System.nanoTime();
    try {
      return method.invoke(vertex, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      // A GPU works on when its host goes on.
      Nd4j.getExecutioner().commit();
      watch.nanoseconds.merge(method.getName(), System.nanoTime() - start, Long::sum);
    }
  }

  private LayerTime time(GraphVertex vertex, Watch watch, int passes) {
    Object runs = vertex.hasLayer() ? vertex.getLayer().conf().getLayer() : vertex;
    return new LayerTime(
        vertex.getVertexName(),
        runs.getClass().getSimpleName(),
        watch.ms("doForward", passes),
        watch.ms("doBackward", passes));
  }

  /** The times as a table, with shares of their sum. */
  public Table table(List<LayerTime> times) {
    double all = times.stream().mapToDouble(LayerTime::ms).sum();
    Table table = new Table("vertex", "kind", "forward ms", "backward ms", "share");
    for (LayerTime time : times) {
      table.row(
          time.vertex(),
          time.kind(),
          format("%.2f", time.forwardMs()),
          format("%.2f", time.backwardMs()),
          format("%.1f %%", 100 * time.ms() / all));
    }
    return table.row("sum", "", sum(times, true), sum(times, false), "100 %");
  }

  private String sum(List<LayerTime> times, boolean forward) {
    return format(
        "%.2f", times.stream().mapToDouble(t -> forward ? t.forwardMs() : t.backwardMs()).sum());
  }

  private String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
