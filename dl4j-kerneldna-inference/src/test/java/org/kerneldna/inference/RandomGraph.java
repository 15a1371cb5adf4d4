package org.kerneldna.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.KernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A small graph of layers and vertices at random, the same for the same seed: it grows by one
 * vertex or a few at a time, from values that are there, and what nobody reads in the end is an
 * output.
 */
final class RandomGraph {

  /** What a vertex gives. */
  private record Value(String name, InputType type) {

    boolean isImages() {
      return type instanceof InputTypeConvolutional;
    }

    InputTypeConvolutional images() {
      return (InputTypeConvolutional) type;
    }

    CNN2DFormat format() {
      return isImages() ? images().getFormat() : CNN2DFormat.NCHW;
    }

    int channels() {
      return (int) (isImages() ? images().getChannels() : type.arrayElementsPerExample());
    }

    boolean isOfSizeOf(Value other) {
      return isImages() == other.isImages()
          && (!isImages()
              || format() == other.format()
                  && images().getHeight() == other.images().getHeight()
                  && images().getWidth() == other.images().getWidth());
    }
  }

  private final Random random;
  private final RandomLayers layers;
  private final DataType dataType;

  /** Whether DL4J infers the types of values, too, or only the layers say what they take. */
  private final boolean typed;

  private final GraphBuilder builder;
  private final KernelDNA sharing;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();

  /** What nobody may read. */
  private final List<Value> ends = new ArrayList<>();

  private final Set<String> read = new HashSet<>();
  private final ComputationGraph network;

  /** The same in FLOAT if the network is HALF, else the network. */
  private final ComputationGraph exact;

  private int named;

  private RandomGraph(Random random) {
    this.random = random;
    layers = new RandomLayers(random);
    dataType = oneOf(DataType.FLOAT, DataType.FLOAT, DataType.DOUBLE, DataType.HALF);
    typed = random.nextBoolean();
    builder =
        new NeuralNetConfiguration.Builder()
            .seed(random.nextInt())
            .dataType(dataType)
            .activation(Activation.IDENTITY)
            .graphBuilder();
    addInputs();
    sharing = KernelDNA.on(builder);
    int size = 3 + random.nextInt(7);
    for (int i = 0; i < size; i++) {
      grow(oneOf(random.nextInt(3) == 0 ? values : unread()));
    }
    inputs.stream().filter(x -> !read.contains(x.name())).forEach(this::useInput);
    network = built();
    exact = dataType == DataType.HALF ? inFloat(network) : network;
  }

  /** The graph of a seed. */
  static RandomGraph of(long seed) {
    return Stream.iterate(seed, next -> next + 1_000_000)
        .map(next -> new RandomGraph(new Random(next)))
        .filter(RandomGraph::tells)
        .findFirst()
        .orElseThrow();
  }

  /** Whether outputs are neither tiny nor huge and differ from sample to sample. */
  private boolean tells() {
    return Stream.of(expected(batch(5)))
        .allMatch(
            output -> {
              double size = VertexByVertex.size(output);
              double spread = VertexByVertex.size(output.std(0));
              return size > 1e-2 && size < 1e2 && spread > 0.05 * size;
            });
  }

  private void addInputs() {
    CNN2DFormat format = layers.format();
    int count = oneOf(1, 1, 2, 3);
    for (int i = 0; i < count; i++) {
      InputType type =
          random.nextInt(4) == 0
              ? InputType.feedForward(layers.channels())
              : InputType.convolutional(
                  layers.size(),
                  layers.size(),
                  layers.channels(),
                  random.nextInt(6) == 0 ? layers.format() : format);
      inputs.add(new Value("in" + i, type));
    }
    values.addAll(inputs);
    builder.addInputs(inputs.stream().map(Value::name).toList());
    if (typed) {
      builder.setInputTypes(inputs.stream().map(Value::type).toArray(InputType[]::new));
    }
  }

  private List<Value> unread() {
    List<Value> unread = values.stream().filter(value -> !read.contains(value.name())).toList();
    return unread.isEmpty() ? values : unread;
  }

  private void grow(Value x) {
    if (x.isImages()) {
      growImages(x);
    } else {
      growRows(x);
    }
  }

  private void useInput(Value x) {
    add(x.isImages() ? layers.pointwise(5) : layers.dense(5), x);
  }

  private void growImages(Value x) {
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> add(layers.ofImages(x.images()), x);
      case 5 -> block(x);
      case 6 -> family(x);
      case 7 -> combined(x, new ElementWiseVertex(layers.elementwise()), mate(x, true));
      case 8 -> combined(x, new MergeVertex(), mate(x, false));
      case 9 -> broadcast(x);
      case 10 -> imagesVertex(x);
      default -> flattened(x);
    }
  }

  private void growRows(Value x) {
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> add(layers.ofRows(x.channels()), x);
      case 3 -> combined(x, new ElementWiseVertex(layers.elementwise()), mate(x, true));
      case 4 -> combined(x, new MergeVertex(), mate(x, false));
      case 5 -> rowsVertex(x);
      case 6 -> recurrent(x);
      case 7 -> unflattened(x);
      default -> stacked(x);
    }
  }

  /** What Winograd's algorithm and blocked layouts are for. */
  private void block(Value x) {
    Value wide = add(layers.pointwise(16), x);
    for (int i = 0; i < 2; i++) {
      wide = add(layers.threeByThree(16 + 16 * i), wide);
    }
  }

  /** A parent and its children, in any order. */
  private void family(Value x) {
    int nOut = random.nextBoolean() ? x.channels() : layers.channels();
    var parentConf = layers.parent(x.images(), nOut);
    String parent = name();
    given(parent, parentConf.getOutputType(-1, x.type()), x);
    for (int i = 0; i <= random.nextInt(2); i++) {
      List<Value> takers =
          values.stream()
              .filter(v -> v.isImages() && v.channels() == x.channels())
              .filter(v -> v.format() == x.format())
              .toList();
      Value taker = oneOf(takers);
      KernelDNAConvolution child = layers.child(taker.images(), parentConf);
      String name = name();
      sharing.child(name, parent, child, taker.name());
      given(name, child.getOutputType(-1, taker.type()), taker);
    }
    sharing.parent(parent, parentConf, x.name());
  }

  /** Another value of the size of {@code x}. */
  private Value mate(Value x, boolean sameChannels) {
    List<Value> mates =
        values.stream()
            .filter(v -> !v.equals(x) && v.isOfSizeOf(x))
            .filter(v -> !sameChannels || v.channels() == x.channels())
            .toList();
    if (!mates.isEmpty()) {
      return oneOf(mates);
    }
    int channels = sameChannels ? x.channels() : layers.channels();
    return add(x.isImages() ? layers.pointwise(channels) : layers.dense(channels), x);
  }

  private void combined(Value x, GraphVertex vertex, Value mate) {
    if (random.nextBoolean()) {
      add(vertex, x, mate);
    } else {
      add(vertex, mate, x);
    }
  }

  /** As squeeze and excitation has it, or a map of one channel; DL4J does not infer its type. */
  private void broadcast(Value x) {
    if (typed) {
      return;
    }
    Value factors =
        x.format() == CNN2DFormat.NCHW && random.nextBoolean()
            ? add(
                new GlobalPoolingLayer.Builder(PoolingType.AVG).collapseDimensions(false).build(),
                x)
            : add(layers.pointwise(1), x);
    String name = name();
    ElementWiseVertex vertex =
        new ElementWiseVertex(oneOf(ElementWiseVertex.Op.Add, ElementWiseVertex.Op.Product));
    builder.addVertex(name, vertex, x.name(), factors.name());
    given(name, x.type(), x, factors);
  }

  private void imagesVertex(Value x) {
    int last = x.channels() - 1;
    boolean first = x.format() == CNN2DFormat.NCHW;
    switch (random.nextInt(5)) {
      case 0 -> add(new ScaleVertex(-0.7), x);
      case 1 -> add(new ShiftVertex(0.4), x);
      case 2 -> {
        // DL4J's divides by FLOAT numbers.
        if (dataType == DataType.FLOAT) {
          add(new L2NormalizeVertex(), x);
        }
      }
      case 3 -> {
        if (first && !typed) {
          int from = random.nextInt(last + 1);
          String name = name();
          builder.addVertex(name, new SubsetVertex(from, last), x.name());
          given(name, images(x, last - from + 1, 0), x);
        }
      }
      default -> {
        if (first && !typed && x.images().getHeight() > 1 && x.images().getWidth() > 1) {
          String name = name();
          builder.addVertex(name, new PoolHelperVertex(), x.name());
          given(name, images(x, x.channels(), 1), x);
        }
      }
    }
  }

  private static InputType images(Value x, int channels, int less) {
    return InputType.convolutional(
        x.images().getHeight() - less, x.images().getWidth() - less, channels, x.format());
  }

  private void rowsVertex(Value x) {
    switch (random.nextInt(5)) {
      case 0 -> add(new ScaleVertex(1.3), x);
      case 1 -> add(new ShiftVertex(-0.4), x);
      case 2 -> add(new L2NormalizeVertex(), x);
      case 3 -> add(new SubsetVertex(0, random.nextInt(x.channels())), x);
      default -> add(new L2Vertex(), x, mate(x, true));
    }
  }

  private void flattened(Value x) {
    InputTypeConvolutional type = x.images();
    CnnToFeedForwardPreProcessor flat =
        new CnnToFeedForwardPreProcessor(
            type.getHeight(), type.getWidth(), type.getChannels(), type.getFormat());
    switch (random.nextInt(3)) {
      case 0 -> add(layers.dense(layers.channels()), x);
      case 1 -> add(new PreprocessorVertex(flat), x);
      default -> add(new GlobalPoolingLayer(layers.pooling()), x);
    }
  }

  /** Rows as images. */
  private void unflattened(Value x) {
    int width = oneOf(1, 2, 3);
    int height = oneOf(1, 2);
    int channels = layers.channels();
    Value rows = add(layers.dense(channels * height * width), x);
    if (random.nextBoolean()) {
      add(new ReshapeVertex(-1, channels, height, width), rows);
    } else {
      var type = (InputTypeConvolutional) InputType.convolutional(height, width, channels);
      add(
          layers.convolution(type),
          new FeedForwardToCnnPreProcessor(height, width, channels),
          rows);
    }
  }

  /** What DL4J computes, between preprocessors. */
  private void recurrent(Value x) {
    if (typed) {
      return;
    }
    Value series =
        add(
            new LSTM.Builder().nOut(4).activation(Activation.TANH).build(),
            new FeedForwardToRnnPreProcessor(),
            x);
    add(layers.dense(5), new RnnToFeedForwardPreProcessor(), series);
    values.remove(series);
  }

  /** Batches one after the other, and one of them again. */
  private void stacked(Value x) {
    Value stack = add(new StackVertex(), x, mate(x, true));
    Value dense = add(layers.dense(x.channels()), stack);
    add(new UnstackVertex(random.nextInt(2), 2), dense);
    values.remove(stack);
    values.remove(dense);
  }

  private Value add(Layer layer, Value x) {
    return add(layer, layer.getPreProcessorForInputType(x.type()), x);
  }

  private Value add(Layer layer, InputPreProcessor before, Value x) {
    InputType taken = before == null ? x.type() : before.getOutputType(x.type());
    layer.setNIn(taken, true);
    String name = name();
    boolean ends = layer instanceof BaseOutputLayer || layer instanceof CnnLossLayer;
    builder.addLayer(name, ends ? layer : frozenOrNot(layer), before, x.name());
    Value value = given(name, layer.getOutputType(-1, taken), x);
    if (ends) {
      values.remove(value);
      this.ends.add(value);
    }
    return value;
  }

  private Layer frozenOrNot(Layer layer) {
    return switch (random.nextInt(10)) {
      case 0 -> new FrozenLayer(layer);
      case 1 -> new FrozenLayerWithBackprop(layer);
      default -> layer;
    };
  }

  private Value add(GraphVertex vertex, Value... from) {
    String name = name();
    InputType type =
        vertex.getOutputType(-1, Stream.of(from).map(Value::type).toArray(InputType[]::new));
    builder.addVertex(name, vertex, Stream.of(from).map(Value::name).toArray(String[]::new));
    return given(name, type, from);
  }

  private Value given(String name, InputType type, Value... from) {
    Value value =
        new Value(
            name,
            type instanceof InputType.InputTypeFeedForward rows
                ? InputType.feedForward(rows.getSize())
                : type);
    values.add(value);
    Arrays.stream(from).map(Value::name).forEach(read::add);
    return value;
  }

  private String name() {
    return "v" + named++;
  }

  @SafeVarargs
  private <T> T oneOf(T... all) {
    return all[random.nextInt(all.length)];
  }

  private <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** The network, with parameters such that numbers keep about their size from layer to layer. */
  private ComputationGraph built() {
    List<String> outputs =
        Stream.concat(unread().stream(), ends.stream())
            .filter(value -> !inputs.contains(value))
            .map(Value::name)
            .toList();
    builder.setOutputs(outputs.toArray(String[]::new));
    ComputationGraph graph = new ComputationGraph(sharing.build());
    graph.init();
    VertexByVertex.fill(graph, random.nextInt(), batch(7));
    return dataType == DataType.FLOAT && !joinsLast(graph) && random.nextInt(4) == 0
        ? new TransferLearning.GraphBuilder(graph).setFeatureExtractor(inner()).build()
        : graph;
  }

  /** DL4J's transfer learning forgets the data type, and the axis of joins that is not 1. */
  private static boolean joinsLast(ComputationGraph graph) {
    return graph.getConfiguration().getVertices().values().stream()
        .anyMatch(vertex -> vertex instanceof MergeVertex merge && merge.getMergeAxis() != 1);
  }

  /** DL4J's own conversion does nothing to a network without parameters. */
  private static ComputationGraph inFloat(ComputationGraph half) {
    ComputationGraphConfiguration conf =
        ComputationGraphConfiguration.fromJson(half.getConfiguration().toJson());
    conf.setDataType(DataType.FLOAT);
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    if (half.numParams() > 0) {
      graph.setParams(half.params().castTo(DataType.FLOAT));
    }
    return graph;
  }

  private String inner() {
    return oneOf(values.stream().filter(value -> !inputs.contains(value)).toList()).name();
  }

  ComputationGraph network() {
    return network;
  }

  /**
   * What the network gives; that of half precision as it would without rounding to it, in float.
   */
  INDArray[] expected(INDArray... batch) {
    return VertexByVertex.output(
        exact,
        Stream.of(batch)
            .map(x -> x.castTo(exact.getConfiguration().getDataType()))
            .toArray(INDArray[]::new));
  }

  InputType[] types() {
    return inputs.stream().map(Value::type).toArray(InputType[]::new);
  }

  DataType dataType() {
    return dataType;
  }

  /** The layouts of the inputs, NCHW for rows. */
  List<CNN2DFormat> inputFormats() {
    return inputs.stream().map(Value::format).toList();
  }

  /** The layouts of the outputs, NCHW for rows. */
  List<CNN2DFormat> outputFormats() {
    return network.getConfiguration().getNetworkOutputs().stream()
        .map(
            name ->
                Stream.concat(values.stream(), ends.stream())
                    .filter(value -> value.name().equals(name))
                    .findFirst()
                    .orElseThrow())
        .map(Value::format)
        .toList();
  }

  /** Inputs, the same for the same number of samples. */
  INDArray[] batch(int samples) {
    Nd4j.getRandom().setSeed(samples);
    return inputs.stream()
        .map(input -> input.type().getShape(true))
        .peek(shape -> shape[0] = samples)
        .map(shape -> Nd4j.randn(DataType.FLOAT, shape).castTo(dataType))
        .toArray(INDArray[]::new);
  }
}
