package org.kerneldna.graph.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Program;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads DL4J's graphs, vertex by vertex. Frozen wrappers are taken off here, and preprocessors are
 * read by themselves; all else is up to the {@link Readers}.
 */
public final class GraphReader {

  private final ComputationGraphConfiguration conf;

  /** Null if only the configuration is read. */
  private final ComputationGraph graph;

  private final Snapshot snapshot;
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** The arrays that vertices give. */
  private final Map<String, Array> arrays = new LinkedHashMap<>();

  /** Values in the other layout, by the array. */
  private final Map<Array, String> turned = new HashMap<>();

  /** The network's inputs that are images with the channels last. */
  private final Set<String> channelsLast;

  private GraphReader(
      ComputationGraphConfiguration conf, ComputationGraph graph, Set<String> channelsLast) {
    this.conf = conf;
    this.graph = graph;
    this.snapshot = new Snapshot(graph);
    this.channelsLast = channelsLast;
  }

  /**
   * Reads a graph, with copies of its parameters as they are now. Later changes of the graph change
   * nothing in the program.
   */
  public static Program read(ComputationGraph graph) {
    return read(graph, Set.of());
  }

  /**
   * As {@link #read(ComputationGraph)}.
   *
   * @param channelsLast names of inputs that are [N, H, W, C], also where no layer of the graph
   *     tells it; the program differs only in where it turns them
   * @throws IllegalArgumentException if the graph is not initialised
   */
  public static Program read(ComputationGraph graph, Set<String> channelsLast) {
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      requireInitialised(graph);
      ComputationGraphConfiguration conf = graph.getConfiguration();
      return new GraphReader(conf, graph, channelsLast(conf, channelsLast)).read();
    }
  }

  private static void requireInitialised(ComputationGraph graph) {
    if (graph.getVertices() == null) {
      throw new IllegalArgumentException("The graph has no parameters yet: call its init() first");
    }
  }

  /**
   * Reads a configuration alone: parameters have shapes but no values, and the program cannot run.
   */
  public static Program read(ComputationGraphConfiguration conf) {
    return new GraphReader(conf, null, channelsLast(conf, Set.of())).read();
  }

  /**
   * The inputs that are images with the channels last. DL4J does not keep the types of a network's
   * inputs, but a layer that takes its images so tells it of them, and of what elementwise
   * functions and merges put beside them.
   *
   * @param told those that are known to be
   */
  private static Set<String> channelsLast(ComputationGraphConfiguration conf, Set<String> told) {
    List<Node> nodes = new GraphReader(conf, null, Set.of()).read().nodes();
    Set<String> last = new HashSet<>(told);
    for (Node node : nodes) {
      if (node.operation() == Transpose.TO_CHANNELS_FIRST) {
        last.addAll(node.inputs());
      } else if (node.operation() == Transpose.TO_CHANNELS_LAST) {
        last.add(node.name());
      }
    }
    int known;
    do {
      known = last.size();
      for (Node node : nodes) {
        boolean isBeside =
            last.contains(node.name()) || node.inputs().stream().anyMatch(last::contains);
        if (isBeside && keepsLayout(node.operation())) {
          last.add(node.name());
          last.addAll(node.inputs());
        }
      }
    } while (last.size() > known);
    last.retainAll(conf.getNetworkInputs());
    return last;
  }

  private static boolean keepsLayout(Operation operation) {
    return operation instanceof Activate
        || operation instanceof Arithmetic
        || operation instanceof Concat
        || operation instanceof Dropout;
  }

  private Program read() {
    List<String> inputs = List.copyOf(conf.getNetworkInputs());
    names.addAll(inputs);
    names.addAll(conf.getVertices().keySet());
    inputs.forEach(name -> arrays.put(name, input(name)));
    conf.getVertices().keySet().forEach(this::read);
    List<String> outputs = conf.getNetworkOutputs().stream().map(this::output).toList();
    return new Program(inputs, List.copyOf(nodes), outputs);
  }

  private Array input(String name) {
    if (!channelsLast.contains(name)) {
      return new Array(name, false);
    }
    Reading reading = new Reading(this, name, List.of(new Array(name, false)), null, false);
    Array images = new Array(reading.images(0, CNN2DFormat.NHWC), true);
    keep(reading);
    return images;
  }

  /** What the network gives has the dimensions that DL4J's array has. */
  private String output(String vertex) {
    Reading reading = new Reading(this, vertex, List.of(arrays.get(vertex)), null, false);
    String value = reading.plain(0);
    keep(reading);
    return value;
  }

  private void read(String vertex) {
    if (arrays.containsKey(vertex)) {
      return;
    }
    List<String> before = conf.getVertexInputs().get(vertex);
    before.forEach(this::read);
    List<Array> inputs = before.stream().map(arrays::get).toList();
    arrays.put(vertex, named(vertex, array(vertex, inputs)));
  }

  private Array array(String name, List<Array> inputs) {
    GraphVertex vertex = conf.getVertices().get(name);
    GraphVertex thawed = Thawed.vertex(vertex);
    boolean frozen = thawed != vertex;
    if (thawed instanceof PreprocessorVertex only) {
      InputPreProcessor alone = only.getPreProcessor();
      return read(name, alone, inputs, null, frozen, () -> function(alone.clone()));
    }
    if (!(thawed instanceof LayerVertex layerVertex)) {
      return read(name, thawed, inputs, null, frozen, () -> snapshot.vertex(name));
    }
    InputPreProcessor before = layerVertex.getPreProcessor();
    List<Array> taken =
        before == null
            ? inputs
            : List.of(read(name, before, inputs, null, frozen, () -> function(before.clone())));
    var layer = layerVertex.getLayerConf().getLayer();
    var thawedLayer = Thawed.layer(layer);
    return read(
        name,
        thawedLayer,
        taken,
        graph == null ? null : graph.getLayer(name),
        frozen || layer != thawedLayer,
        () -> snapshot.layer(name));
  }

  private Array read(
      String vertex,
      Object configuration,
      List<Array> inputs,
      Layer layer,
      boolean frozen,
      Supplier<Opaque.Function> function) {
    Reading reading = new Reading(this, vertex, inputs, layer, frozen);
    Array out = reading.read(configuration, function, parameters(configuration));
    keep(reading);
    return out;
  }

  private static long parameters(Object configuration) {
    if (configuration instanceof org.deeplearning4j.nn.conf.layers.Layer layer) {
      return layer.initializer().numParams(layer);
    }
    return configuration instanceof GraphVertex vertex ? vertex.numParams(true) : 0;
  }

  private void keep(Reading reading) {
    nodes.addAll(reading.nodes());
    turned.putAll(reading.turned());
  }

  /** The array under the vertex's own name, unless another vertex computed it. */
  private Array named(String vertex, Array array) {
    int own = nodes.size() - 1;
    while (own >= 0 && !nodes.get(own).name().equals(array.value())) {
      own--;
    }
    if (own < 0 || !nodes.get(own).vertex().equals(vertex) || arrays.containsValue(array)) {
      return array;
    }
    String old = array.value();
    for (int i = own; i < nodes.size(); i++) {
      Node node = nodes.get(i).reading(name -> name.equals(old) ? vertex : name);
      nodes.set(i, i == own ? new Node(vertex, node.operation(), node.inputs(), vertex) : node);
    }
    turned.replaceAll((of, name) -> name.equals(old) ? vertex : name);
    return new Array(vertex, array.channelsLast());
  }

  /** A name that no value has: this one, or one like it. */
  String unused(String name) {
    String free = name;
    while (!names.add(free)) {
      free += "'";
    }
    return free;
  }

  /** The value of an array in the other layout, or null if no reader has asked for it yet. */
  String turned(Array array) {
    return turned.get(array);
  }

  /** How many dimensions a value has, which these nodes may give; 0 if that is not known. */
  int rank(String value, List<Node> more) {
    Map<String, Node> byName = new HashMap<>();
    Stream.concat(nodes.stream(), more.stream()).forEach(node -> byName.put(node.name(), node));
    return new Rank(byName).of(value);
  }

  /** What DL4J computes by an activation function. */
  static Opaque.Function function(IActivation activation) {
    return (batch, inputs) -> activation.getActivation(inputs[0], false);
  }

  /** What DL4J computes by a preprocessor. */
  static Opaque.Function function(InputPreProcessor preProcessor) {
    return (batch, inputs) -> {
      synchronized (preProcessor) {
        return preProcessor.preProcess(inputs[0], (int) batch, Snapshot.NO_WORKSPACES);
      }
    };
  }
}
