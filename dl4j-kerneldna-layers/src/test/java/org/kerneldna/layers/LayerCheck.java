package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.randn;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What every layer must do. */
final class LayerCheck {

  private static final int SAMPLES = 3;

  private LayerCheck() {}

  /** Configuration and network survive JSON and DL4J's model file. */
  static void survivesSaving(org.deeplearning4j.nn.conf.layers.Layer layer, CNN2DFormat format)
      throws IOException {
    ComputationGraphConfiguration conf =
        Nets.alone(layer, Nets.options(DataType.FLOAT), format).build();
    assertThat(ComputationGraphConfiguration.fromJson(conf.toJson())).isEqualTo(conf);

    ComputationGraph net = Nets.randomized(conf);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(net, file, true);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);
    assertThat(restored.getConfiguration()).isEqualTo(net.getConfiguration());
    assertThat(restored.paramTable()).isEqualTo(net.paramTable());
    INDArray x = batch(DataType.FLOAT, format, SAMPLES);
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
