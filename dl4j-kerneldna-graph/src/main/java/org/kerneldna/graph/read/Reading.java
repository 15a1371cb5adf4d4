package org.kerneldna.graph.read;

import static java.util.Locale.ROOT;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Operation.Transpose;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A vertex being read: its inputs and parameters, and the nodes that its {@link Reader} adds.
 *
 * <p>A node is named after the vertex and what it is to it, {@code conv1:kernel}; the one that
 * gives the vertex's value has the vertex's name.
 */
public final class Reading {

  private final GraphReader graph;
  private final String vertex;
  private final List<Array> inputs;
  private final Layer layer;
  private final boolean frozen;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Array, String> turned = new HashMap<>();
  private Array given;
  private String reason;

  /**
   * @param layer whose parameters are read; null if there is none, or only a configuration is read
   */
  Reading(GraphReader graph, String vertex, List<Array> inputs, Layer layer, boolean frozen) {
    this.graph = graph;
    this.vertex = vertex;
    this.inputs = inputs;
    this.layer = layer;
    this.frozen = frozen;
  }

  /** How many inputs there are. */
  public int inputs() {
    return inputs.size();
  }

  /** An input in whatever layout it has, for readers of functions that treat all numbers alike. */
  public Array array(int index) {
    return inputs.get(index);
  }

  /** All inputs in one layout: the first one's if all have that, else DL4J's dimensions. */
  public List<Array> arrays() {
    boolean alike = inputs.stream().allMatch(i -> i.channelsLast() == inputs.get(0).channelsLast());
    return alike ? inputs : inputs.stream().map(input -> new Array(plain(input), false)).toList();
  }

  /** An input with the dimensions that DL4J's array has. */
  public String plain(int index) {
    return plain(inputs.get(index));
  }

  /** An array with the dimensions that DL4J's has. */
  public String plain(Array array) {
    return array.channelsLast() ? turned(array, Transpose.TO_CHANNELS_LAST, "nhwc") : array.value();
  }

  /**
   * An input as [N, C, H, W], or [N, C] if that is what it is.
   *
   * @param format how the configuration takes DL4J's array
   */
  public String images(int index, CNN2DFormat format) {
    return images(inputs.get(index), format);
  }

  private String images(Array array, CNN2DFormat format) {
    if (array.channelsLast() == (format == CNN2DFormat.NHWC)) {
      return array.value();
    }
    return format == CNN2DFormat.NHWC
        ? turned(array, Transpose.TO_CHANNELS_FIRST, "nchw")
        : turned(array, Transpose.TO_CHANNELS_LAST, "nhwc");
  }

  private String turned(Array array, Transpose turn, String what) {
    return Optional.ofNullable(graph.turned(array))
        .orElseGet(
            () ->
                turned.computeIfAbsent(
                    array,
                    none -> {
                      String name = graph.unused(array.value() + ":" + what);
                      nodes.add(new Node(name, turn, List.of(array.value()), vertex));
                      return name;
                    }));
  }

  /** Whether training leaves the parameters as they are. */
  public boolean frozen() {
    return frozen;
  }

  /** How many dimensions an array has; 0 if the configurations do not tell. */
  public int rank(Array array) {
    return graph.rank(array.value(), nodes);
  }

  /** A parameter that training changes, unless the layer is frozen. */
  public String parameter(String key, long... shape) {
    return parameter(key, frozen ? Role.FROZEN : Role.LEARNED, shape);
  }

  /** A running statistic. */
  public String statistic(String key, long... shape) {
    return parameter(key, Role.STATISTIC, shape);
  }

  /**
   * A parameter of the layer.
   *
   * @param shape as the operation wants it, of as many numbers in C order
   */
  public String parameter(String key, Role role, long... shape) {
    INDArray values =
        layer == null
            ? null
            : Nd4j.createUninitialized(DataType.FLOAT, layer.getParam(key).shape(), 'c')
                .assign(layer.getParam(key))
                .reshape('c', shape);
    return add(key, new Parameter(role, values, shape));
  }

  /** Numbers that are no parameter of the layer. */
  public String constant(String what, INDArray values) {
    INDArray floats = Nd4j.createUninitialized(DataType.FLOAT, values.shape(), 'c').assign(values);
    return add(what, new Parameter(Role.CONSTANT, floats, values.shape()));
  }

  /**
   * Adds a node.
   *
   * @param what it is to the vertex; part of its name
   * @return the name of its value
   */
  public String add(String what, Operation operation, String... inputs) {
    String name = graph.unused(vertex + ":" + what);
    nodes.add(new Node(name, operation, List.of(inputs), vertex));
    return name;
  }

  /** Adds a node that works in every layout and keeps it. */
  public Array add(String what, Operation operation, Array array) {
    return new Array(add(what, operation, array.value()), array.channelsLast());
  }

  /** Adds an activation function of images that DL4J has in this layout; none for the identity. */
  public String activated(String images, CNN2DFormat format, IActivation function) {
    Array array = new Array(images, format == CNN2DFormat.NHWC);
    return images(activated(array, function), format);
  }

  /** Adds an activation function, whatever the layout; none for the identity. */
  public Array activated(Array array, IActivation function) {
    return read(array, function, () -> GraphReader.function(function));
  }

  /** Adds what a preprocessor does with an array. */
  public Array preprocessed(Array array, InputPreProcessor preProcessor) {
    return read(array, preProcessor, () -> GraphReader.function(preProcessor.clone()));
  }

  /** Adds what one configuration in another does with an array. */
  private Array read(Array array, Object configuration, Supplier<Opaque.Function> function) {
    Reading part = new Reading(graph, vertex, List.of(array), null, frozen);
    Array out = part.read(configuration, function, 0);
    nodes.addAll(part.nodes);
    turned.putAll(part.turned);
    return out;
  }

  /** Adds elementwise functions, one after the other, whatever the layout. */
  public Array then(Array array, Nonlinearity... functions) {
    Array out = array;
    for (Nonlinearity function : functions) {
      out = add(function.function().name().toLowerCase(ROOT), new Activate(function), out);
    }
    return out;
  }

  /** Adds elementwise functions, one after the other. */
  public String then(String value, Nonlinearity... functions) {
    return then(new Array(value, false), functions).value();
  }

  /** The vertex gives this value, whose dimensions are those of DL4J's array. */
  public void gives(String value) {
    gives(new Array(value, false));
  }

  /** The vertex gives these [N, C, H, W]; DL4J's array is in this layout. */
  public void gives(String images, CNN2DFormat format) {
    gives(new Array(images, format == CNN2DFormat.NHWC));
  }

  /** The vertex gives this array. */
  public void gives(Array array) {
    given = array;
  }

  /**
   * Leaves the vertex to DL4J; what was added is forgotten.
   *
   * @param why it has no form in the language; shown to users who ask why it is slow
   */
  public void leave(String why) {
    reason = why;
  }

  /**
   * Reads a configuration by its reader, or leaves it to DL4J if it has none.
   *
   * @param function what DL4J computes, for a configuration that is left to it
   * @param parameters how many numbers it learns
   */
  Array read(Object configuration, Supplier<Opaque.Function> function, long parameters) {
    Optional<Reader<Object>> reader = Readers.of(configuration);
    reader.ifPresent(r -> r.read(configuration, this));
    if (reader.isPresent() && reason == null) {
      return given;
    }
    nodes.clear();
    turned.clear();
    String kind = configuration.getClass().getSimpleName();
    String why = reason == null ? "no reader for " + configuration.getClass().getName() : reason;
    String[] plain = inputs.stream().map(this::plain).toArray(String[]::new);
    return new Array(add("dl4j", new Opaque(kind, why, parameters, function.get()), plain), false);
  }

  List<Node> nodes() {
    return nodes;
  }

  Map<Array, String> turned() {
    return turned;
  }
}
