package org.kerneldna.zoo;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.ChannelLayerNorm;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.Gelu;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.LayerScale;
import org.kerneldna.layers.Relu;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.zoo.StateDict.Layout;
import org.nd4j.linalg.activations.Activation;

/**
 * Adds modules to a graph under their PyTorch paths: each is a vertex of that name, and what it
 * learns is noted in the {@link StateDict} under PyTorch's name for it. Convolutions pad by half
 * their kernel, and have no biases unless asked for.
 */
final class Modules {

  private static final String SPATIAL_MODULATION = "static_spatial_attn";

  private final ComputationGraphConfiguration.GraphBuilder graph;
  private final KernelDNA kernelDna;
  private final StateDict.Recorder state;
  private final DropPaths dropPaths;
  private final boolean frozenStatistics;
  private final boolean biases;
  private final String prefix;

  /**
   * @param graph where to add to; its inputs are named
   * @param dropPaths of the residual branches
   * @param frozenStatistics whether training keeps all running statistics
   */
  Modules(
      ComputationGraphConfiguration.GraphBuilder graph,
      DropPaths dropPaths,
      boolean frozenStatistics) {
    this(
        graph,
        KernelDNA.on(graph),
        new StateDict.Recorder(),
        dropPaths,
        frozenStatistics,
        false,
        "");
  }

  private Modules(
      ComputationGraphConfiguration.GraphBuilder graph,
      KernelDNA kernelDna,
      StateDict.Recorder state,
      DropPaths dropPaths,
      boolean frozenStatistics,
      boolean biases,
      String prefix) {
    this.graph = graph;
    this.kernelDna = kernelDna;
    this.state = state;
    this.dropPaths = dropPaths;
    this.frozenStatistics = frozenStatistics;
    this.biases = biases;
    this.prefix = prefix;
  }

  /**
   * What makes a convolution a child.
   *
   * @param parent the convolution from whose kernel its own derives
   * @param filter the tensor that stacks its filter modulation on those of its siblings
   * @param gate the gate before it
   * @param gateRatio channels per hidden unit of the gate
   */
  record Descent(String parent, String filter, String gate, int gateRatio) {}

  /** The members of {@code module}. */
  Modules in(String module) {
    return new Modules(
        graph, kernelDna, state, dropPaths, frozenStatistics, biases, path(module) + ".");
  }

  /** The same, with biases in all convolutions. */
  Modules withBiases() {
    return new Modules(graph, kernelDna, state, dropPaths, frozenStatistics, true, prefix);
  }

  /**
   * Says in which order PyTorch lists the members, where it is not that in which they run.
   *
   * @param members their names, separated by spaces
   */
  void listedAs(String members) {
    state.arrange(prefix, List.of(members.split(" ")));
  }

  /** Says that PyTorch has a linear layer in the place of a 1x1 convolution. */
  void listedAsLinear(String name, int in, int out) {
    state.reshape(path(name) + ".weight", out, in);
  }

  Features conv(String name, Features x, int out, int kernel, int stride) {
    graph.addLayer(path(name), convolution(x, out, kernel, stride), x.vertex());
    return convolved(name, path(name), out, x.channels(), kernel);
  }

  /** A convolution with stride 1 from whose kernel children derive theirs. */
  Features parent(String name, Features x, int out, int kernel) {
    kernelDna.parent(path(name), convolution(x, out, kernel, 1), x.vertex());
    return convolved(name, KernelDNA.kernelOf(path(name)), out, x.channels(), kernel);
  }

  /** A convolution with stride 1 that derives its kernel from a parent's, after a gate. */
  Features child(String name, Features x, int out, int kernel, Descent descent) {
    KernelDNAConvolution conf =
        new KernelDNAConvolution.Builder(kernel, kernel)
            .padding(kernel / 2, kernel / 2)
            .nIn(x.channels())
            .nOut(out)
            .hasBias(biases)
            .activation(Activation.IDENTITY)
            .gate(descent.gateRatio)
            .frozenStatistics(frozenStatistics)
            .build();
    kernelDna.child(path(name), path(descent.parent), conf, x.vertex());

    String modulation = KernelDNA.kernelOf(path(name));
    if (conf.isSpatialModulation()) {
      state.stacked(
          path(SPATIAL_MODULATION), modulation, KernelDNAConvolution.SPATIAL, 1, 1, kernel, kernel);
    }
    state.stacked(path(descent.filter), modulation, KernelDNAConvolution.FILTER, out, 1, 1, 1);
    in(descent.gate)
        .noteGate(KernelDNA.gateOf(path(name)), x.channels(), x.channels() / descent.gateRatio);
    return biased(name, out);
  }

  /** A convolution of each channel by itself. */
  Features depthwiseConv(String name, Features x, int kernel, int stride) {
    DepthwiseConvolution conf =
        new DepthwiseConvolution.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(kernel / 2, kernel / 2)
            .nIn(x.channels())
            .hasBias(biases)
            .build();
    graph.addLayer(path(name), conf, x.vertex());
    return convolved(name, path(name), x.channels(), 1, kernel);
  }

  /** A convolution of patches that lie side by side. */
  Features patches(String name, Features x, int out, int size) {
    Convolution conf = convolution(x, out, size, size);
    conf.setPadding(new int[] {0, 0});
    graph.addLayer(path(name), conf, x.vertex());
    return convolved(name, path(name), out, x.channels(), size);
  }

  Features batchNorm(String name, Features x) {
    return add(name, normalization(name, x).build(), x);
  }

  /** Batch normalisation and the ReLU or ReLU6 that follows it. */
  Features batchNorm(String name, Features x, Activation rectifier) {
    return add(name, normalization(name, x).rectifier(rectifier).build(), x);
  }

  private BatchNorm.Builder normalization(String name, Features x) {
    noteNormalization(
        path(name),
        path(name),
        List.of(BatchNorm.GAMMA, BatchNorm.BETA, BatchNorm.MEAN, BatchNorm.VARIANCE),
        x.channels());
    return new BatchNorm.Builder().frozenStatistics(frozenStatistics);
  }

  Features relu(String name, Features x) {
    return add(name, new Relu(Activation.RELU), x);
  }

  /** The exact Gaussian error linear unit. */
  Features gelu(String name, Features x) {
    return add(name, new ActivationLayer(new Gelu()), x);
  }

  /** Normalisation over the channels of each position. */
  Features layerNorm(String name, Features x) {
    state.parameter(
        path(name) + ".weight", Layout.SAME, path(name), ChannelLayerNorm.GAMMA, x.channels());
    state.parameter(
        path(name) + ".bias", Layout.SAME, path(name), ChannelLayerNorm.BETA, x.channels());
    return add(name, new ChannelLayerNorm.Builder().build(), x);
  }

  /** A factor per channel that starts at {@code initialValue}. */
  Features layerScale(String name, Features x, double initialValue) {
    state.parameter(path(name), Layout.SAME, path(name), LayerScale.GAMMA, x.channels(), 1, 1);
    return add(name, new LayerScale.Builder().initialValue(initialValue).build(), x);
  }

  /** The sum of a residual branch, which stochastic depth may drop in training, and its skip. */
  Features residual(Features branch, Features skip) {
    Features kept =
        dropPaths.next().map(layer -> add("stochastic_depth", layer, branch)).orElse(branch);
    graph.addVertex(
        path("sum"), new ElementWiseVertex(ElementWiseVertex.Op.Add), kept.vertex(), skip.vertex());
    return new Features(path("sum"), branch.channels());
  }

  Features maxPool(String name, Features x, int kernel, int stride) {
    SubsamplingLayer conf =
        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
            .kernelSize(kernel, kernel)
            .stride(stride, stride)
            .padding(kernel / 2, kernel / 2)
            .build();
    return add(name, conf, x);
  }

  Features globalAveragePool(String name, Features x) {
    return add(name, new GlobalPoolingLayer(PoolingType.AVG), x);
  }

  /** Drops inputs with probability {@code rate} in training; nothing if that is 0. */
  Features dropout(String name, Features x, double rate) {
    return rate > 0 ? add(name, new DropoutLayer(1 - rate), x) : x;
  }

  Features linear(String name, Features x, int out) {
    DenseLayer conf =
        new DenseLayer.Builder().nIn(x.channels()).nOut(out).weightInit(WeightInit.UNIFORM).build();
    state.parameter(
        path(name) + ".weight",
        Layout.LINEAR,
        path(name),
        DefaultParamInitializer.WEIGHT_KEY,
        out,
        x.channels());
    state.parameter(
        path(name) + ".bias", Layout.SAME, path(name), DefaultParamInitializer.BIAS_KEY, out);
    return new Features(add(name, conf, x).vertex(), out);
  }

  ComputationGraphConfiguration build() {
    return kernelDna.build();
  }

  StateDict stateDict() {
    return state.build();
  }

  /** Notes a gate's tensors. */
  void noteGate(String vertex, int channels, int hidden) {
    state.parameter(path("se.fc1.weight"), Layout.SAME, vertex, Gate.W1, hidden, channels, 1, 1);
    noteNormalization(
        path("se.bn"), vertex, List.of(Gate.GAMMA, Gate.BETA, Gate.MEAN, Gate.VARIANCE), hidden);
    state.parameter(path("se.fc2.weight"), Layout.SAME, vertex, Gate.W2, channels, hidden, 1, 1);
    state.parameter(path("se.fc2.bias"), Layout.SAME, vertex, Gate.B2, channels);
  }

  /**
   * @param keys of gamma, beta, running mean and running variance
   */
  private void noteNormalization(String path, String vertex, List<String> keys, int channels) {
    state.parameter(path + ".weight", Layout.SAME, vertex, keys.get(0), channels);
    state.parameter(path + ".bias", Layout.SAME, vertex, keys.get(1), channels);
    state.buffer(path + ".running_mean", vertex, keys.get(2), channels);
    state.buffer(path + ".running_var", vertex, keys.get(3), channels);
    state.counter(path + ".num_batches_tracked");
  }

  private Convolution convolution(Features x, int out, int kernel, int stride) {
    return new Convolution.Builder(kernel, kernel)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .nIn(x.channels())
        .nOut(out)
        .hasBias(biases)
        .activation(Activation.IDENTITY)
        .build();
  }

  private Features convolved(String name, String holder, int out, int in, int kernel) {
    state.parameter(
        path(name) + ".weight",
        Layout.SAME,
        holder,
        KernelDNAConvolution.KERNEL,
        out,
        in,
        kernel,
        kernel);
    return biased(name, out);
  }

  private Features biased(String name, int out) {
    if (biases) {
      state.parameter(
          path(name) + ".bias", Layout.SAME, path(name), KernelDNAConvolution.BIAS, out);
    }
    return new Features(path(name), out);
  }

  private Features add(String name, Layer conf, Features x) {
    graph.addLayer(path(name), conf, x.vertex());
    return new Features(path(name), x.channels());
  }

  private String path(String name) {
    return prefix + name;
  }
}
