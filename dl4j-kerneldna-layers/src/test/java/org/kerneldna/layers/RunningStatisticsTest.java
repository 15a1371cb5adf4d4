package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.child;

import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Running statistics follow {@code running = decay * running + (1 - decay) * batch}, with the
 * unbiased variance of the batch, whatever updater, regularisation and batch size are.
 */
class RunningStatisticsTest {

  private static final int SAMPLES = 5;

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void ofImages(CNN2DFormat format) {
    assertFollow(
        classifier(new BatchNorm.Builder().build(), format),
        Nets.labelled(DataType.DOUBLE, format, SAMPLES),
        images -> channelsInRows(images, format),
        "mean",
        "var",
        0.9);
  }

  @Test
  void ofVectors() {
    ComputationGraph net =
        Nets.randomized(
            options()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(CHANNELS))
                .addLayer("layer", new BatchNorm.Builder().decay(0.7).build(), "in")
                .addLayer("out", Nets.output().build(), "layer")
                .setOutputs("out")
                .build());
    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, SAMPLES);
    data.setFeatures(Nets.randn(DataType.DOUBLE, 1, SAMPLES, CHANNELS));
    assertFollow(net, data, INDArray::transpose, "mean", "var", 0.7);
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void ofAGate(CNN2DFormat format) {
    for (Layer layer :
        new Layer[] {child().build(), new SqueezeExcitation.Builder().ratio(2).build()}) {
      ComputationGraph net = classifier(layer, format);
      assertFollow(
          net,
          Nets.labelled(DataType.DOUBLE, format, SAMPLES),
          images ->
              net.getParam("layer_gateW1")
                  .mmul(channelsInRows(images, format).reshape(CHANNELS, SAMPLES, -1).mean(2)),
          "gateMean",
          "gateVar",
          0.9);
    }
  }

  @Test
  void stayWhenFrozen() {
    assertStay(
        classifier(new BatchNorm.Builder().frozenStatistics(true).build(), CNN2DFormat.NCHW),
        "layer_mean",
        "layer_var");
    assertStay(
        classifier(child().frozenStatistics(true).build(), CNN2DFormat.NCHW),
        "layer_gateMean",
        "layer_gateVar");
  }

  /** As a loop does that looks at the loss before it moves the parameters. */
  @Test
  void keepNothingOfAStepThatWasGivenUpForItsLossWasNoNumber() {
    ComputationGraph net = classifier(new BatchNorm.Builder().build(), CNN2DFormat.NCHW);
    ComputationGraph other = net.clone();
    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, SAMPLES);
    DataSet broken = data.copy();
    broken.getFeatures().putScalar(0, Double.NaN);

    net.setInputs(broken.getFeatures());
    net.setLabels(broken.getLabels());
    net.computeGradientAndScore();
    assertThat(net.score()).isNaN();

    net.fit(data);
    other.fit(data);
    assertThat(net.params()).isEqualTo(other.params());
  }

  @Test
  void takeNoUpdaterState() {
    ComputationGraph net = Nets.init(Nets.shared(options(), CNN2DFormat.NCHW));
    long statistics = 2 * CHANNELS + 2 * (2 + 2);
    assertThat(net.getUpdater().getUpdaterStateViewArray().length())
        .isEqualTo(net.numParams() - statistics);
  }

  /**
   * Compares the statistics over some steps.
   *
   * @param normalised what is normalised for a batch of features, a row for each channel
   */
  private static void assertFollow(
      ComputationGraph net,
      DataSet data,
      UnaryOperator<INDArray> normalised,
      String mean,
      String variance,
      double decay) {
    for (int step = 0; step < 3; step++) {
      INDArray numbers = normalised.apply(data.getFeatures());
      INDArray expectedMean = running(net, mean, numbers.mean(1), decay);
      INDArray expectedVariance = running(net, variance, numbers.var(true, 1), decay);
      net.fit(data);
      assertClose(net.getParam("layer_" + mean), expectedMean, 1e-10);
      assertClose(net.getParam("layer_" + variance), expectedVariance, 1e-10);
    }
  }

  private static INDArray running(
      ComputationGraph net, String name, INDArray ofBatch, double decay) {
    return net.getParam("layer_" + name).mul(decay).addi(ofBatch.mul(1 - decay));
  }

  private static void assertStay(ComputationGraph net, String... names) {
    ComputationGraph before = net.clone();
    net.fit(Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, SAMPLES));
    assertThat(net.params()).isNotEqualTo(before.params());
    for (String name : names) {
      assertThat(net.getParam(name)).isEqualTo(before.getParam(name));
    }
  }

  private static INDArray channelsInRows(INDArray images, CNN2DFormat format) {
    INDArray channelsFirst = format == CNN2DFormat.NCHW ? images : images.permute(0, 3, 1, 2);
    return channelsFirst.permute(1, 0, 2, 3).dup('c').reshape(CHANNELS, -1);
  }

  private static ComputationGraph classifier(Layer layer, CNN2DFormat format) {
    return Nets.randomized(
        Nets.graph(options(), format)
            .addLayer("layer", layer, "in")
            .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "layer")
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out")
            .build());
  }

  private static NeuralNetConfiguration.Builder options() {
    return Nets.options(DataType.DOUBLE).updater(new MomentumSgd(0.1, 0.9)).l2(0.1);
  }
}
