package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Small networks and batches, and what tests ask of them. */
final class Nets {

  static final int CHANNELS = 4;
  static final int HEIGHT = 5;
  static final int WIDTH = 6;
  static final int CLASSES = 3;

  private Nets() {}

  /** Options under which a convolution is nothing but one: no activation, size kept. */
  static NeuralNetConfiguration.Builder options(DataType type) {
    return new NeuralNetConfiguration.Builder()
        .seed(7)
        .dataType(type)
        .updater(new Sgd(1))
        .activation(Activation.IDENTITY)
        .convolutionMode(ConvolutionMode.Same);
  }

  /** A graph with input {@code in} of {@link #CHANNELS} channels. */
  static GraphBuilder graph(NeuralNetConfiguration.Builder options, CNN2DFormat format) {
    return options.graphBuilder().addInputs("in").setInputTypes(images(format));
  }

  static InputType images(CNN2DFormat format) {
    return InputType.convolutional(HEIGHT, WIDTH, CHANNELS, format);
  }

  /** A graph of {@code layer}, called {@code layer}, alone: no output layer. */
  static GraphBuilder alone(
      org.deeplearning4j.nn.conf.layers.Layer layer,
      NeuralNetConfiguration.Builder options,
      CNN2DFormat format) {
    return graph(options, format).addLayer("layer", layer, "in").setOutputs("layer");
  }

  /**
   * A classifier in which {@code first} and {@code last}, which has a bias and an activation, are
   * children of {@code middle}, with a residual add.
   */
  static ComputationGraphConfiguration shared(
      NeuralNetConfiguration.Builder options, CNN2DFormat format) {
    GraphBuilder graph = graph(options, format).setOutputs("out");
    KernelDNA sharing =
        KernelDNA.on(graph)
            .child("first", "middle", child().build(), "in")
            .parent("middle", parent().build(), "norm")
            .child(
                "last", "middle", child().hasBias(true).activation(Activation.TANH).build(), "sum");
    graph
        .addLayer("norm", new BatchNorm.Builder().build(), "first")
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "middle")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "last")
        .addLayer("out", output().build(), "pool");
    return sharing.build();
  }

  /** A plain 3x3 convolution that keeps the channels. */
  static Convolution.Builder parent() {
    return new Convolution.Builder(3, 3).nOut(CHANNELS).hasBias(false);
  }

  /** A 3x3 child with a gate, that keeps the channels. */
  static KernelDNAConvolution.Builder child() {
    return new KernelDNAConvolution.Builder(3, 3).nOut(CHANNELS).hasBias(false).gate(2);
  }

  static OutputLayer.Builder output() {
    return new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX);
  }

  static ComputationGraph init(ComputationGraphConfiguration conf) {
    ComputationGraph net = new ComputationGraph(conf);
    net.init();
    return net;
  }

  /** The network with every parameter random, so that none is where it does nothing. */
  static ComputationGraph randomized(ComputationGraphConfiguration conf) {
    ComputationGraph net = init(conf);
    Nd4j.getRandom().setSeed(3);
    net.paramTable()
        .forEach(
            (name, param) ->
                param.assign(
                    name.matches(".*(amma|[vV]ar)")
                        ? Nd4j.rand(param.dataType(), param.shape()).addi(0.5)
                        : Nd4j.randn(param.dataType(), param.shape()).muli(0.4)));
    return net;
  }

  static INDArray randn(DataType type, long seed, long... shape) {
    Nd4j.getRandom().setSeed(seed);
    return Nd4j.randn(type, shape);
  }

  /** Random activations for {@link #graph}. */
  static INDArray batch(DataType type, CNN2DFormat format, int samples) {
    return format == CNN2DFormat.NCHW
        ? randn(type, samples, samples, CHANNELS, HEIGHT, WIDTH)
        : randn(type, samples, samples, HEIGHT, WIDTH, CHANNELS);
  }

  /** Random activations and classes for {@link #shared}. */
  static DataSet labelled(DataType type, CNN2DFormat format, int samples) {
    INDArray labels = Nd4j.zeros(type, samples, CLASSES);
    for (int i = 0; i < samples; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(batch(type, format, samples), labels);
  }

  /** The gradient of the loss, as the flat vector that the updater gets. */
  static INDArray gradient(ComputationGraph net, DataSet data) {
    net.setInputs(data.getFeatures());
    net.setLabels(data.getLabels());
    net.computeGradientAndScore();
    return net.gradient().gradient().dup();
  }

  /** The gradients of the parameters and the input of layer {@code layer}, in training. */
  static Pair<Gradient, INDArray> backprop(ComputationGraph net, INDArray x, INDArray epsilon) {
    net.initGradientsView();
    Layer layer = net.getLayer("layer");
    layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
    return layer.backpropGradient(epsilon.dup(), LayerWorkspaceMgr.noWorkspaces());
  }

  static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(expected.norm2Number().doubleValue()).isPositive();
    assertThat(actual.distance2(expected) / expected.norm2Number().doubleValue())
        .isCloseTo(0, within(tolerance));
  }

  /** Whether a parameter is a running statistic. */
  static boolean isStatistic(String name) {
    return name.matches(".*_(mean|var|gateMean|gateVar)");
  }

  /**
   * Compares a step of SGD at learning rate 1 with finite differences of the score, for every
   * parameter but the statistics, along random directions; dropout is the same each time. (DL4J's
   * GradientCheckUtil takes names by the order of the layers and values by the topological order,
   * so in a graph it leaves out the wrong ones.)
   */
  static void assertGradients(ComputationGraph net, DataSet data) {
    assertGradients(net, data, name -> !isStatistic(name));
  }

  /** The same for the parameters of some names only. */
  static void assertGradients(ComputationGraph net, DataSet data, Predicate<String> names) {
    INDArray start = net.params().dup();
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    net.paramTable().forEach((name, param) -> gradients.put(name, param.dup()));
    Nd4j.getRandom().setSeed(5);
    net.fit(data);
    net.paramTable().forEach((name, param) -> gradients.get(name).subi(param));
    net.setParams(start);
    gradients.keySet().removeIf(names.negate());
    gradients.forEach(
        (name, gradient) -> {
          double allowed = 1e-6 * (gradient.norm2Number().doubleValue() + 0.1);
          for (int seed = 1; seed <= 3; seed++) {
            INDArray direction = randn(DataType.DOUBLE, seed, gradient.shape());
            assertThat(slope(net, data, net.getParam(name), direction))
                .as(name)
                .isCloseTo(gradient.mul(direction).sumNumber().doubleValue(), within(allowed));
          }
        });
  }

  private static double slope(
      ComputationGraph net, DataSet data, INDArray param, INDArray direction) {
    INDArray start = param.dup();
    param.addi(direction.mul(1e-5));
    double above = score(net, data);
    param.subi(direction.mul(2e-5));
    double below = score(net, data);
    param.assign(start);
    return (above - below) / 2e-5;
  }

  private static double score(ComputationGraph net, DataSet data) {
    Nd4j.getRandom().setSeed(5);
    return net.score(data, true);
  }
}
