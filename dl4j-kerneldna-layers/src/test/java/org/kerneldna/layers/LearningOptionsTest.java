package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.distribution.ConstantDistribution;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * DL4J's options for initialising and training a layer reach all that a layer of ours is made of.
 */
class LearningOptionsTest {

  private static final DataSet DATA = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 6);
  private static final INDArray IMAGES = DATA.getFeatures();

  @Test
  void constraintOnWeightsHoldsForTheKernel() {
    MaxNormConstraint constraint = new MaxNormConstraint(0.1, 1, 2, 3);
    assertMaxNorm(alone(parent().constrainWeights(constraint).build()), "layer_W");
    assertMaxNorm(alone(child().constrainWeights(constraint).build()), "layer_W");
    assertMaxNorm(family(parent().constrainWeights(constraint), child()), "parent-kernel_W");
  }

  private static void assertMaxNorm(ComputationGraph net, String kernel) {
    net.fit(DATA);
    assertThat(net.getParam(kernel).norm2(1, 2, 3).maxNumber().doubleValue())
        .isCloseTo(0.1, within(1e-5));
  }

  @Test
  void constraintOnAChildHoldsForItsPartsAndNotForTheParent() {
    ComputationGraph net =
        family(parent(), child().constrainAllParameters(new NonNegativeConstraint()));
    net.fit(DATA);
    for (String part : List.of("child-kernel", "child-gate")) {
      assertThat(net.getLayer(part).params().minNumber().doubleValue()).isZero();
    }
    assertThat(net.getParam("parent-kernel_W").minNumber().doubleValue()).isNegative();
  }

  @Test
  void weightNoiseOnAKernelIsOneForAllItsUsers() {
    ComputationGraph net = family(parent().weightNoise(new DropConnect(0.5)), child());
    INDArray kernel = net.getParam("parent-kernel_W");
    assertThat(net.feedForward(IMAGES, false).get("parent-kernel")).isEqualTo(kernel);

    INDArray noisy = net.feedForward(IMAGES, true).get("parent-kernel");
    INDArray kept = noisy.neq(0).castTo(DataType.FLOAT);
    assertThat(kept.meanNumber().doubleValue()).isBetween(0.3, 0.7);
    assertThat(noisy.mul(kept)).isEqualTo(kernel.mul(kept));
    assertThat(net.feedForward(IMAGES, true).get("parent-kernel")).isNotEqualTo(noisy);
  }

  private static Stream<Named<ComputationGraph>> noisy() {
    return Stream.of(
        named(
            "weight noise on Convolution",
            alone(parent().weightNoise(new DropConnect(0.5)).build())),
        named(
            "weight noise on KernelDNAConvolution",
            alone(child().weightNoise(new DropConnect(0.5)).build())),
        named("dropout on Convolution", alone(parent().dropOut(0.5).build())),
        named("dropout on KernelDNAConvolution", alone(child().dropOut(0.5).build())),
        named("dropout on a gate", alone(new SqueezeExcitation.Builder().dropOut(0.5).build())),
        named("dropout on a parent", family(parent().dropOut(0.5), child())),
        named("dropout on a gated child", family(parent(), child().dropOut(0.5))),
        named("dropout on a child", family(parent(), child().noGate().dropOut(0.5))),
        named(
            "dropout on all",
            Nets.randomized(familyIn(options().dropOut(0.5), parent(), child().noGate()))));
  }

  @ParameterizedTest
  @MethodSource("noisy")
  void noiseIsInTrainingOnly(ComputationGraph net) {
    INDArray output = net.outputSingle(IMAGES);
    assertThat(net.outputSingle(IMAGES)).isEqualTo(output);

    INDArray first = net.feedForward(IMAGES, true).get("pool");
    INDArray second = net.feedForward(IMAGES, true).get("pool");
    assertThat(first).isNotEqualTo(second);

    INDArray before = net.params().dup();
    net.fit(DATA);
    assertThat(net.params()).isNotEqualTo(before);
    assertThat(Double.isFinite(net.score())).isTrue();
  }

  @Test
  void dropoutOnAllIsOnceForAConvolution() {
    ComputationGraph net =
        Nets.init(
            familyIn(
                options().dropOut(0.5),
                parent().hasBias(true).activation(Activation.RELU),
                child().hasBias(true).activation(Activation.TANH)));
    assertThat(
            Stream.of(net.getLayers())
                .map(layer -> layer.conf().getLayer())
                .filter(layer -> layer.getIDropout() != null)
                .map(Layer::getLayerName))
        .containsExactlyInAnyOrder("parent-dropout", "child-gate", "pool", "out");
  }

  @Test
  void biasUpdaterIsForBiasesAndBetas() {
    Sgd none = new Sgd(0);
    assertThat(unchangedBy(alone(child().hasBias(true).biasUpdater(none).build())))
        .containsExactlyInAnyOrder("layer_b", "layer_gateBeta", "layer_gateB2");
    assertThat(unchangedBy(family(parent(), child().hasBias(true).biasUpdater(none))))
        .containsExactlyInAnyOrder("child_b", "child-gate_gateBeta", "child-gate_gateB2");
    assertThat(unchangedBy(alone(new BatchNorm.Builder().biasUpdater(none).build())))
        .containsExactly("layer_beta");
  }

  @Test
  void updaterOfAParentOrChildIsForItsPartsOnly() {
    Sgd none = new Sgd(0);
    assertThat(unchangedBy(family(parent().updater(none), child())))
        .containsExactly("parent-kernel_W");
    assertThat(unchangedBy(family(parent(), child().updater(none))))
        .containsExactlyInAnyOrder(
            "child-kernel_s",
            "child-kernel_f",
            "child-gate_gateW1",
            "child-gate_gateGamma",
            "child-gate_gateBeta",
            "child-gate_gateW2",
            "child-gate_gateB2");
  }

  @Test
  void gradientClippingOfAParentIsForItsKernelOnly() {
    ComputationGraph net =
        family(
            parent()
                .gradientNormalization(GradientNormalization.ClipElementWiseAbsoluteValue)
                .gradientNormalizationThreshold(1e-3),
            child());
    ComputationGraph before = net.clone();
    net.fit(DATA);
    assertThat(largestChange(net, before, "parent-kernel_W")).isCloseTo(1e-3, within(1e-6));
    assertThat(largestChange(net, before, "child-kernel_s")).isGreaterThan(1e-2);
  }

  private static double largestChange(
      ComputationGraph net, ComputationGraph before, String parameter) {
    return net.getParam(parameter).sub(before.getParam(parameter)).amaxNumber().doubleValue();
  }

  @Test
  void learningRateOfOnePartCanBeSet() {
    ComputationGraph net = family(parent(), child().updater(new Sgd(0.5)));
    net.setLearningRate("child-gate", 0.1);
    assertThat(net.getLearningRate("child-gate")).isEqualTo(0.1);
    assertThat(net.getLearningRate("child-kernel")).isEqualTo(0.5);
    assertThat(net.getLearningRate("parent-kernel")).isEqualTo(1);
  }

  /** The names of the parameters that a step leaves as they are. */
  private static List<String> unchangedBy(ComputationGraph net) {
    ComputationGraph before = net.clone();
    net.fit(DATA);
    return net.paramTable().keySet().stream()
        .filter(name -> net.getParam(name).equals(before.getParam(name)))
        .toList();
  }

  @Test
  void distributionAndBiasInitAreHonoured() {
    ConstantDistribution quarter = new ConstantDistribution(0.25);
    ComputationGraph alone =
        Nets.init(
            aloneIn(options(), child().hasBias(true).weightInit(quarter).biasInit(0.5).build()));
    assertAll(alone, 0.25, "layer_W", "layer_gateW1", "layer_gateW2");
    assertAll(alone, 0.5, "layer_b", "layer_gateB2");
    assertAll(alone, 0, "layer_s", "layer_f", "layer_gateBeta", "layer_gateMean");
    assertAll(alone, 1, "layer_gateGamma", "layer_gateVar");

    ComputationGraph family =
        Nets.init(
            familyIn(
                options().weightInit(new ConstantDistribution(0.75)),
                parent().weightInit(quarter),
                child().hasBias(true).biasInit(0.5)));
    assertAll(family, 0.25, "parent-kernel_W");
    assertAll(family, 0.75, "child-gate_gateW1", "child-gate_gateW2");
    assertAll(family, 0.5, "child_b", "child-gate_gateB2");
    assertAll(family, 0, "child-kernel_s", "child-kernel_f");
  }

  private static void assertAll(ComputationGraph net, double value, String... names) {
    for (String name : names) {
      assertThat(net.getParam(name).ravel().toDoubleVector()).as(name).containsOnly(value);
    }
  }

  @Test
  void weightInitSeesTheKernelsFanIn() {
    ComputationGraph alone =
        Nets.init(
            aloneIn(options(), child().nOut(512).noGate().weightInit(WeightInit.RELU).build()));
    ComputationGraph family =
        Nets.init(
            familyIn(
                options(),
                parent().nOut(512).weightInit(WeightInit.RELU),
                child().nOut(512).noGate()));
    double expected = Math.sqrt(2.0 / (Nets.CHANNELS * 9));
    for (INDArray kernel : List.of(alone.getParam("layer_W"), family.getParam("parent-kernel_W"))) {
      assertThat(kernel.stdNumber().doubleValue()).isCloseTo(expected, within(0.03 * expected));
    }
  }

  @Test
  void regularisationCountsEveryParameterOnceAndNoStatistic() {
    ComputationGraph net =
        Nets.randomized(
            familyIn(options().l2(0.3).l2Bias(0.5), parent().hasBias(true), child().hasBias(true)));
    double weights =
        squares(
            net,
            "parent-kernel_W",
            "child-kernel_s",
            "child-kernel_f",
            "child-gate_gateW1",
            "child-gate_gateGamma",
            "child-gate_gateW2",
            "out_W");
    double biases =
        squares(net, "parent_b", "child_b", "child-gate_gateBeta", "child-gate_gateB2", "out_b");
    assertThat(net.calcRegularizationScore(true))
        .isCloseTo(0.5 * (0.3 * weights + 0.5 * biases), within(1e-4));
  }

  private static double squares(ComputationGraph net, String... names) {
    return Stream.of(names)
        .mapToDouble(name -> net.getParam(name).norm2Number().doubleValue())
        .map(norm -> norm * norm)
        .sum();
  }

  private static ComputationGraph alone(Layer layer) {
    return Nets.randomized(aloneIn(options(), layer));
  }

  private static ComputationGraph family(
      Convolution.Builder parent, KernelDNAConvolution.Builder child) {
    return Nets.randomized(familyIn(options(), parent, child));
  }

  private static NeuralNetConfiguration.Builder options() {
    return Nets.options(DataType.FLOAT);
  }

  /** A classifier whose only convolution is {@code layer}. */
  private static ComputationGraphConfiguration aloneIn(
      NeuralNetConfiguration.Builder options, Layer layer) {
    return classifier(options, "layer").addLayer("layer", layer, "in").build();
  }

  /** A classifier with a parent and its child. */
  private static ComputationGraphConfiguration familyIn(
      NeuralNetConfiguration.Builder options,
      Convolution.Builder parent,
      KernelDNAConvolution.Builder child) {
    return KernelDNA.on(
            classifier(options, "sum")
                .addVertex("sum", new ElementWiseVertex(Op.Add), "parent", "child"))
        .parent("parent", parent.build(), "in")
        .child("child", "parent", child.build(), "in")
        .build();
  }

  private static GraphBuilder classifier(NeuralNetConfiguration.Builder options, String last) {
    return Nets.graph(options, CNN2DFormat.NCHW)
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
        .addLayer("out", Nets.output().build(), "pool")
        .setOutputs("out");
  }
}
