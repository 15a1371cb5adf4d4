package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.randn;

import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers in HALF, on activations whose sums it cannot hold. */
class NarrowTypesTest {

  /** Twice the step from 1 to the next number. */
  private static final double ROUNDING = 2e-3;

  private static final long[] SHAPE = {8, CHANNELS, 56, 56};

  static Stream<Arguments> layers() {
    Map<String, Layer> layers =
        Map.of(
            "norm", new BatchNorm.Builder().build(),
            "frozen norm", new BatchNorm.Builder().frozenStatistics(true).build(),
            "layer norm", new ChannelLayerNorm.Builder().build(),
            "layer scale", new LayerScale.Builder().build(),
            "gate", new SqueezeExcitation.Builder().ratio(2).build(),
            "convolution", Nets.parent().hasBias(true).build(),
            "child", Nets.child().noGate().hasBias(true).build(),
            "depthwise", new DepthwiseConvolution.Builder(3, 3).hasBias(true).build(),
            "ReLU", new Relu(Activation.RELU));
    return layers.entrySet().stream().map(layer -> Arguments.of(layer.getKey(), layer.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void asInDoublePrecision(String name, Layer layer) {
    ComputationGraph exact = net(layer, DataType.DOUBLE);
    ComputationGraph narrow = net(layer, DataType.HALF);
    narrow.setParams(exact.params().castTo(DataType.HALF));
    exact.setParams(narrow.params().castTo(DataType.DOUBLE));
    INDArray means = randn(DataType.DOUBLE, 8, SHAPE[0], CHANNELS, 1, 1).muli(10).addi(50);
    INDArray x = randn(DataType.DOUBLE, 4, SHAPE).addi(means).castTo(DataType.HALF);
    INDArray epsilon = randn(DataType.DOUBLE, 6, SHAPE).divi(16).castTo(DataType.HALF);

    INDArray expected = activate(exact, x.castTo(DataType.DOUBLE));
    assertClose(name + ": output", activate(narrow, x), expected, ROUNDING);
    Pair<Gradient, INDArray> gradients = backprop(exact, epsilon.castTo(DataType.DOUBLE));
    Pair<Gradient, INDArray> actual = backprop(narrow, epsilon);
    assertClose(name + ": input", actual.getSecond(), gradients.getSecond(), ROUNDING);
    gradients
        .getFirst()
        .gradientForVariable()
        .forEach(
            (key, gradient) ->
                assertClose(
                    name + ": " + key, actual.getFirst().getGradientFor(key), gradient, ROUNDING));
  }

  private static ComputationGraph net(Layer layer, DataType type) {
    ComputationGraph net =
        Nets.randomized(Nets.alone(layer.clone(), Nets.options(type), CNN2DFormat.NCHW).build());
    net.initGradientsView();
    return net;
  }

  private static INDArray activate(ComputationGraph net, INDArray x) {
    return net.getLayer("layer").activate(x, true, LayerWorkspaceMgr.noWorkspaces());
  }

  private static Pair<Gradient, INDArray> backprop(ComputationGraph net, INDArray epsilon) {
    return net.getLayer("layer").backpropGradient(epsilon, LayerWorkspaceMgr.noWorkspaces());
  }

  private static void assertClose(String name, INDArray actual, INDArray expected, double within) {
    double size = expected.norm2Number().doubleValue();
    assertThat(actual.castTo(DataType.DOUBLE).distance2(expected))
        .as("%s of size %s", name, size)
        .isLessThanOrEqualTo(within * (size + 1e-3));
  }
}
