package org.kerneldna.zoo;

import static java.util.Comparator.comparingInt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The tensors of a PyTorch network, in the order of its {@code state_dict}, and where each is in
 * the graph: it reads and writes them in PyTorch's shapes. A {@link ZooNetwork} makes it.
 */
public final class StateDict {

  private final Map<String, Entry> entries;

  private StateDict(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** Whether a tensor is learned, or a statistic that training keeps. */
  public enum Kind {
    PARAMETER,
    BUFFER
  }

  /** How the graph stores a tensor. */
  public enum Layout {
    /** As PyTorch does, up to dimensions of size 1. */
    SAME {
      @Override
      INDArray asInPyTorch(INDArray stored) {
        return stored;
      }
    },
    /** A linear layer's weights, [in, out] for PyTorch's [out, in]. */
    LINEAR {
      @Override
      INDArray asInPyTorch(INDArray stored) {
        return stored.transpose();
      }
    };

    /** A view with PyTorch's order of dimensions. */
    abstract INDArray asInPyTorch(INDArray stored);
  }

  /** A parameter of the graph: {@code key} in the table of the layer {@code vertex}. */
  public record Location(String vertex, String key) {}

  /**
   * One tensor.
   *
   * @param locations where it is: one parameter, several where it stacks those of several layers,
   *     none for {@code num_batches_tracked}, which DL4J does not count
   * @param shape PyTorch's
   */
  public record Entry(
      String name, Kind kind, Layout layout, List<Location> locations, long... shape) {}

  /** Arrays by location: parameters, or what goes with them, such as gradients. */
  @FunctionalInterface
  public interface Table {
    /** What is there, in DL4J's shape: a view. Null if there is nothing. */
    INDArray at(Location location);
  }

  /** All tensors, in PyTorch's order. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** The parameters alone, in PyTorch's order. */
  public List<Entry> parameters() {
    return entries.values().stream().filter(entry -> entry.kind == Kind.PARAMETER).toList();
  }

  /** The shapes of all tensors by name, in PyTorch's order. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    entries.forEach((name, entry) -> shapes.put(name, entry.shape));
    return shapes;
  }

  /** The values of all tensors that have any, by name and in order. The arrays are copies. */
  public Map<String, INDArray> read(ComputationGraph graph) {
    Map<String, INDArray> values = new LinkedHashMap<>();
    for (Entry entry : entries.values()) {
      if (!entry.locations.isEmpty()) {
        values.put(entry.name, read(parameters(graph), entry.name));
      }
    }
    return values;
  }

  /**
   * The tensor called {@code name} from a table: a copy.
   *
   * @throws IllegalArgumentException if there is no such tensor, it has no values in the graph, or
   *     the table is of another network
   */
  public INDArray read(Table table, String name) {
    Entry entry = entry(name);
    if (entry.locations.isEmpty()) {
      throw new IllegalArgumentException("The graph does not keep \"" + name + "\"");
    }
    INDArray[] parts =
        stored(table, entry).stream()
            .map(part -> part.dup('c').reshape(part.length()))
            .toArray(INDArray[]::new);
    return Nd4j.concat(0, parts).reshape('c', entry.shape);
  }

  /**
   * Sets the tensor called {@code name}. Nothing happens for {@code num_batches_tracked}.
   *
   * @throws IllegalArgumentException if there is no such tensor, its shape is another, or the graph
   *     is of another network; nothing is written then
   */
  public void write(ComputationGraph graph, String name, INDArray values) {
    write(parameters(graph), name, values);
  }

  /** As {@link #write(ComputationGraph, String, INDArray)}, to any table. */
  public void write(Table table, String name, INDArray values) {
    Changes changes = new Changes();
    changes.set(table, name, values);
    changes.write();
  }

  /** Tensors to set: each is checked as it is added, and none is written before all are. */
  final class Changes {

    private final List<Change> all = new ArrayList<>();

    private record Change(INDArray stored, INDArray values) {}

    /**
     * Adds a tensor; {@code num_batches_tracked} has no place to be written to.
     *
     * @throws IllegalArgumentException if there is no such tensor, its shape is another, or the
     *     table is of another network
     */
    void set(Table table, String name, INDArray values) {
      Entry entry = entry(name);
      if (!Arrays.equals(entry.shape, values.shape())) {
        throw new IllegalArgumentException(
            String.format(
                "Tensor \"%s\" has shape %s in the network, got %s",
                name, Arrays.toString(entry.shape), Arrays.toString(values.shape())));
      }
      List<INDArray> stored = stored(table, entry);
      INDArray flat = values.dup('c').reshape(values.length());
      long start = 0;
      for (INDArray part : stored) {
        long end = start + part.length();
        all.add(new Change(part, flat.get(NDArrayIndex.interval(start, end))));
        start = end;
      }
    }

    void write() {
      all.forEach(
          change -> {
            INDArray stored = change.stored;
            INDArray values = change.values.reshape('c', stored.shape());
            stored.assign(values.castTo(stored.dataType()));
          });
    }
  }

  /** What a table has of a tensor, in PyTorch's order of dimensions. */
  private static List<INDArray> stored(Table table, Entry entry) {
    List<INDArray> stored = new ArrayList<>();
    long length = 0;
    for (Location location : entry.locations) {
      INDArray array = table.at(location);
      if (array != null) {
        stored.add(entry.layout.asInPyTorch(array));
        length += array.length();
      }
    }
    long expected = entry.locations.isEmpty() ? 0 : ArrayUtil.prodLong(entry.shape);
    if (length != expected) {
      throw new IllegalArgumentException(
          ("Tensor \"%s\" has %d numbers, and the graph has room for %d: give a graph of the same"
                  + " network, with an updater of the same kind")
              .formatted(entry.name, expected, length));
    }
    return stored;
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("The network has no tensor \"" + name + "\"");
    }
    return entry;
  }

  /** The parameters of {@code graph}. */
  public static Table parameters(ComputationGraph graph) {
    return location -> {
      GraphVertex vertex = graph.getVertex(location.vertex);
      return vertex == null || !vertex.hasLayer() ? null : vertex.getLayer().getParam(location.key);
    };
  }

  /** The gradients that the last backward pass of {@code graph} computed. */
  public static Table gradients(ComputationGraph graph) {
    return location -> graph.gradient().getGradientFor(location.vertex + "_" + location.key);
  }

  /** The momentum buffers of {@code graph}, or the first of what its updater keeps. */
  public static Table momentum(ComputationGraph graph) {
    return updaterState(graph, 0);
  }

  /**
   * One of the arrays that the updater of {@code graph} keeps for each parameter.
   *
   * @param slot which one: of Adam, 0 is the mean of gradients and 1 that of their squares; without
   *     such an array there is nothing in the table
   */
  public static Table updaterState(ComputationGraph graph, int slot) {
    Map<Location, INDArray> buffers = new HashMap<>();
    // DL4J keeps them in blocks of consecutive parameters with the same updater.
    for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
      if (block.getUpdaterView() != null) {
        INDArray flat = block.getUpdaterView().reshape('c', true, block.getUpdaterView().length());
        long first = (long) slot * (block.getParamOffsetEnd() - block.getParamOffsetStart());
        for (UpdaterBlock.ParamState p : block.getLayersAndVariablesInBlock()) {
          Location location =
              new Location(p.getLayer().getConfig().getLayerName(), p.getParamName());
          INDArray parameter = parameters(graph).at(location);
          long start = first + p.getParamOffsetStart() - block.getParamOffsetStart();
          long end = start + parameter.length();
          if (end <= flat.length()) {
            INDArray buffer = flat.get(NDArrayIndex.interval(start, end));
            buffers.put(location, buffer.reshape(parameter.ordering(), true, parameter.shape()));
          }
        }
      }
    }
    return buffers::get;
  }

  /** Notes tensors down as a network is built. */
  static final class Recorder {

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    void parameter(String name, Layout layout, String vertex, String key, long... shape) {
      add(name, Kind.PARAMETER, layout, List.of(new Location(vertex, key)), shape);
    }

    void buffer(String name, String vertex, String key, long... shape) {
      add(name, Kind.BUFFER, Layout.SAME, List.of(new Location(vertex, key)), shape);
    }

    /** Notes a number that the graph does not keep. */
    void counter(String name) {
      add(name, Kind.BUFFER, Layout.SAME, List.of());
    }

    /** Notes one more part of a tensor that stacks parts of {@code shape}. */
    void stacked(String name, String vertex, String key, long... shape) {
      List<Location> locations = new ArrayList<>();
      if (entries.containsKey(name)) {
        locations.addAll(entries.get(name).locations);
      }
      locations.add(new Location(vertex, key));
      long[] stack = new long[shape.length + 1];
      stack[0] = locations.size();
      System.arraycopy(shape, 0, stack, 1, shape.length);
      add(name, Kind.PARAMETER, Layout.SAME, locations, stack);
    }

    /** Gives a tensor that has been noted another shape of as many numbers. */
    void reshape(String name, long... shape) {
      Entry entry = entries.get(name);
      add(name, entry.kind, entry.layout, entry.locations, shape);
    }

    /**
     * Orders the tensors whose names begin with {@code prefix} by what follows it: PyTorch lists
     * them as a module declares its members, which need not be the order in which they run.
     */
    void arrange(String prefix, List<String> members) {
      List<Entry> arranged =
          entries.values().stream()
              .filter(entry -> entry.name.startsWith(prefix))
              .sorted(comparingInt(entry -> rank(entry.name.substring(prefix.length()), members)))
              .toList();
      for (Entry entry : arranged) {
        entries.remove(entry.name);
        entries.put(entry.name, entry);
      }
    }

    StateDict build() {
      return new StateDict(new LinkedHashMap<>(entries));
    }

    private void add(
        String name, Kind kind, Layout layout, List<Location> locations, long... shape) {
      entries.put(name, new Entry(name, kind, layout, List.copyOf(locations), shape));
    }

    private static int rank(String name, List<String> members) {
      return IntStream.range(0, members.size())
          .filter(i -> (name + ".").startsWith(members.get(i) + "."))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("No member of the module holds " + name));
    }
  }
}
