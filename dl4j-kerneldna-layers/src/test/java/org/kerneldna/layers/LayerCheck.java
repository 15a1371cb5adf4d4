package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.randn;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.gradientcheck.GradientCheckUtil.MLNConfig;
import org.deeplearning4j.gradientcheck.GradientCheckUtil.PrintMode;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.buffer.util.DataTypeUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What every layer must do. */
final class LayerCheck {

  private static final int SAMPLES = 3;

  private LayerCheck() {}

  /** DL4J's gradient check, after a plain layer through which its input's gradient is seen. */
  static void gradientsOfImages(org.deeplearning4j.nn.conf.layers.Layer layer, CNN2DFormat format) {
    gradients(
        new ConvolutionLayer.Builder(1, 1).nOut(Nets.CHANNELS).build(),
        layer,
        Nets.images(format),
        batch(DataType.DOUBLE, format, SAMPLES));
  }

  /** The same on [N, C]. */
  static void gradientsOfVectors(org.deeplearning4j.nn.conf.layers.Layer layer) {
    gradients(
        new DenseLayer.Builder().nOut(Nets.CHANNELS).build(),
        layer,
        InputType.feedForward(2),
        randn(DataType.DOUBLE, 1, SAMPLES, 2));
  }

  private static void gradients(
      org.deeplearning4j.nn.conf.layers.Layer before,
      org.deeplearning4j.nn.conf.layers.Layer layer,
      InputType inputType,
      INDArray input) {
    DataType usual = DataTypeUtil.getDtypeFromContext();
    DataTypeUtil.setDTypeForContext(DataType.DOUBLE);
    try {
      MultiLayerNetwork net =
          new MultiLayerNetwork(
              Nets.options(DataType.DOUBLE)
                  .list()
                  .layer(before)
                  .layer(layer)
                  .layer(new LossLayer.Builder(LossFunction.MSE).build())
                  .setInputType(inputType)
                  .build());
      net.init();
      net.setParams(randn(DataType.DOUBLE, 3, net.params().shape()).muli(0.5));
      INDArray labels = randn(DataType.DOUBLE, 2, net.output(input).shape());
      assertThat(
              GradientCheckUtil.checkGradients(
                  new MLNConfig()
                      .net(net)
                      .input(input)
                      .labels(labels)
                      .maxRelError(1e-5)
                      .subset(true)
                      .maxPerParam(12)
                      .print(PrintMode.FAILURES_ONLY)
                      .callEachIter(each -> Nd4j.getRandom().setSeed(5))))
          .isTrue();
    } finally {
      DataTypeUtil.setDTypeForContext(usual);
    }
  }

  /** Configuration and network survive JSON and DL4J's model file. */
  static void survivesSaving(org.deeplearning4j.nn.conf.layers.Layer layer) throws IOException {
    ComputationGraphConfiguration conf =
        Nets.alone(layer, Nets.options(DataType.FLOAT), CNN2DFormat.NHWC).build();
    assertThat(ComputationGraphConfiguration.fromJson(conf.toJson())).isEqualTo(conf);

    ComputationGraph net = Nets.randomized(conf);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(net, file, true);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);
    assertThat(restored.getConfiguration()).isEqualTo(net.getConfiguration());
    assertThat(restored.paramTable()).isEqualTo(net.paramTable());
    INDArray x = batch(DataType.FLOAT, CNN2DFormat.NHWC, SAMPLES);
    INDArray expected = net.outputSingle(x.dup());
    assertThat(restored.outputSingle(x.dup())).isEqualTo(expected);
    assertThat(net.clone().outputSingle(x.dup())).isEqualTo(expected);
    assertThat(net.summary()).contains("layer");
  }

  /** Output and gradients are those of the other layout. */
  static void sameInBothLayouts(org.deeplearning4j.nn.conf.layers.Layer layer, DataType type) {
    double tolerance = type == DataType.DOUBLE ? 1e-10 : 1e-5;
    ComputationGraph first =
        Nets.randomized(Nets.alone(layer.clone(), Nets.options(type), CNN2DFormat.NCHW).build());
    ComputationGraph last =
        Nets.randomized(Nets.alone(layer.clone(), Nets.options(type), CNN2DFormat.NHWC).build());
    INDArray x = batch(type, CNN2DFormat.NCHW, SAMPLES);
    INDArray expected = first.outputSingle(x.dup());
    assertClose(channelsFirst(last.outputSingle(channelsLast(x))), expected, tolerance);

    INDArray epsilon = randn(type, 4, expected.shape());
    Pair<Gradient, INDArray> ofFirst = backprop(first, x, epsilon);
    Pair<Gradient, INDArray> ofLast = backprop(last, channelsLast(x), channelsLast(epsilon));
    assertClose(channelsFirst(ofLast.getSecond()), ofFirst.getSecond(), tolerance);
    ofFirst
        .getFirst()
        .gradientForVariable()
        .forEach(
            (name, gradient) ->
                assertClose(ofLast.getFirst().getGradientFor(name), gradient, tolerance));
  }

  /** The gradients of layer {@code layer} alone, for a random seed of 5. */
  static Pair<Gradient, INDArray> backprop(ComputationGraph net, INDArray x, INDArray epsilon) {
    net.initGradientsView();
    Layer layer = net.getLayer("layer");
    Nd4j.getRandom().setSeed(5);
    layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
    return layer.backpropGradient(epsilon.dup(), LayerWorkspaceMgr.noWorkspaces());
  }

  static INDArray channelsLast(INDArray x) {
    return x.permute(0, 2, 3, 1).dup('c');
  }

  static INDArray channelsFirst(INDArray x) {
    return x.permute(0, 3, 1, 2).dup('c');
  }
}
