package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/** What is written, cloned or saved comes back the same, for every layer and vertex. */
class RoundTripTest {

  private static Stream<Named<Network>> networks() {
    return Stream.of(
        alone(
            new Convolution.Builder(3, 2)
                .stride(2, 1)
                .padding(1, 0)
                .nOut(5)
                .activation(Activation.TANH)
                .build(),
            CNN2DFormat.NCHW),
        alone(
            new KernelDNAConvolution.Builder(3, 3)
                .dilation(2, 2)
                .nOut(5)
                .spatialModulation(false)
                .build(),
            CNN2DFormat.NCHW),
        alone(
            new KernelDNAConvolution.Builder(3, 3)
                .nOut(5)
                .gate(2)
                .frozenStatistics(true)
                .constrainWeights(new MaxNormConstraint(2, 1, 2, 3))
                .build(),
            CNN2DFormat.NHWC),
        alone(
            new BatchNorm.Builder().decay(0.8).eps(1e-3).frozenStatistics(true).build(),
            CNN2DFormat.NCHW),
        alone(new BatchNorm.Builder().build(), CNN2DFormat.NHWC),
        alone(new SqueezeExcitation.Builder().ratio(2).build(), CNN2DFormat.NCHW),
        alone(
            new SqueezeExcitation.Builder().ratio(3).frozenStatistics(true).build(),
            CNN2DFormat.NHWC),
        shared(CNN2DFormat.NCHW),
        shared(CNN2DFormat.NHWC));
  }

  private record Network(ComputationGraphConfiguration conf, CNN2DFormat format) {

    DataSet data() {
      return Nets.labelled(DataType.FLOAT, format, 5);
    }

    ComputationGraph trained() {
      ComputationGraph net = Nets.randomized(conf);
      net.fit(data());
      net.fit(data());
      return net;
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void json(Network network) {
    assertSame(ComputationGraphConfiguration.fromJson(network.conf.toJson()), network);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void yaml(Network network) {
    assertSame(ComputationGraphConfiguration.fromYaml(network.conf.toYaml()), network);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void cloneOfConfiguration(Network network) {
    assertSame(network.conf.clone(), network);
  }

  @Test
  void cloneOfASharedConvolutionIsIndependent() {
    SharedConvolution vertex =
        new SharedConvolution(Nets.parent().convolutionMode(ConvolutionMode.Same).build());
    GraphVertex clone = vertex.clone();
    assertThat(clone).isEqualTo(vertex);
    clone.getOutputType(0, Nets.images(CNN2DFormat.NHWC));
    assertThat(clone).isNotEqualTo(vertex);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void cloneOfNetwork(Network network) {
    ComputationGraph net = network.trained();
    ComputationGraph clone = net.clone();
    assertSame(clone, net, network.data());

    clone.fit(network.data());
    assertThat(clone.params()).isNotEqualTo(net.params());
    net.fit(network.data());
    assertSame(clone, net, network.data());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void savedModel(Network network, @TempDir Path directory) throws IOException {
    File file = directory.resolve("model.zip").toFile();
    ComputationGraph net = network.trained();
    ModelSerializer.writeModel(net, file, true);
    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file, true);
    assertSame(restored, net, network.data());

    restored.fit(network.data());
    net.fit(network.data());
    assertSame(restored, net, network.data());
  }

  private static void assertSame(ComputationGraphConfiguration conf, Network network) {
    assertThat(conf).isEqualTo(network.conf).hasSameHashCodeAs(network.conf);
    ComputationGraph expected = Nets.randomized(network.conf);
    ComputationGraph actual = Nets.randomized(conf);
    actual.fit(network.data());
    expected.fit(network.data());
    assertSame(actual, expected, network.data());
  }

  private static void assertSame(ComputationGraph actual, ComputationGraph expected, DataSet data) {
    assertThat(actual.params()).isEqualTo(expected.params());
    assertThat(actual.getUpdater().getUpdaterStateViewArray())
        .isEqualTo(expected.getUpdater().getUpdaterStateViewArray());
    assertThat(actual.outputSingle(data.getFeatures()))
        .isEqualTo(expected.outputSingle(data.getFeatures()));
  }

  private static Named<Network> alone(Layer layer, CNN2DFormat format) {
    ComputationGraphConfiguration conf =
        Nets.graph(options(), format)
            .addLayer("layer", layer, "in")
            .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "layer")
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out")
            .build();
    return named(layer.getClass().getSimpleName() + " " + format, new Network(conf, format));
  }

  private static Named<Network> shared(CNN2DFormat format) {
    return named("shared " + format, new Network(Nets.shared(options(), format), format));
  }

  private static NeuralNetConfiguration.Builder options() {
    return Nets.options(DataType.FLOAT).updater(new MomentumSgd(0.1, 0.9)).l2(0.01);
  }
}
