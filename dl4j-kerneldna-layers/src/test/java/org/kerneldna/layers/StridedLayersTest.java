package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * Layers given views of any strides, forward and backward, against the same on arrays in C order.
 * DL4J hands such views on: of preprocessors, of vertices that merge and cut, of means.
 */
class StridedLayersTest {

  private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  private static final Map<String, org.deeplearning4j.nn.conf.layers.Layer> LAYERS =
      new LinkedHashMap<>();

  static {
    LAYERS.put("BatchNorm", new BatchNorm.Builder().build());
    LAYERS.put("ChannelLayerNorm", new ChannelLayerNorm.Builder().build());
    LAYERS.put("LayerScale", new LayerScale.Builder().initialValue(0.5).build());
    LAYERS.put("DropPath", new DropPath.Builder(0.5).build());
    LAYERS.put("Relu", new Relu(Activation.RELU));
    LAYERS.put("Relu6", new Relu(Activation.RELU6));
    LAYERS.put("SqueezeExcitation", new SqueezeExcitation.Builder().ratio(2).build());
    for (Activation activation :
        new Activation[] {
          Activation.IDENTITY, Activation.RELU, Activation.TANH, Activation.SOFTPLUS
        }) {
      LAYERS.put("Convolution " + activation, Nets.parent().activation(activation).build());
      LAYERS.put(
          "KernelDNAConvolution " + activation,
          Nets.child().hasBias(true).activation(activation).build());
      LAYERS.put(
          "DepthwiseConvolution " + activation,
          new DepthwiseConvolution.Builder(3, 3).activation(activation).build());
    }
    LAYERS.put("Convolution gelu", Nets.parent().activation(new Gelu()).build());
  }

  static Stream<Arguments> cases() {
    return LAYERS.keySet().stream()
        .flatMap(name -> Arrays.stream(Views.values()).map(view -> Arguments.of(name, view)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void layersTakeViews(String name, Views view) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.HALF}) {
      for (CNN2DFormat format : CNN2DFormat.values()) {
        ComputationGraph net =
            Nets.randomized(
                Nets.alone(LAYERS.get(name).clone(), Nets.options(type), format).build());
        Map<String, INDArray> expected = pass(net, type, format, x -> Views.dense(view.of(x)));
        Map<String, INDArray> actual = pass(net, type, format, view::of);
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
            (part, values) ->
                assertSame(actual.get(part), values, type + " " + format + " " + part));
      }
    }
  }

  /** What a layer gives forward, in training and elsewhere, and backward. */
  private static Map<String, INDArray> pass(
      ComputationGraph net, DataType type, CNN2DFormat format, UnaryOperator<INDArray> lie) {
    INDArray x = Nets.batch(DataType.DOUBLE, format, 3).castTo(type);
    net.initGradientsView();
    Layer layer = net.getLayer("layer");
    Map<String, INDArray> results = new LinkedHashMap<>();
    layer.setInput(lie.apply(x), WORKSPACES);
    if (!(layer.conf().getLayer() instanceof Relu)) {
      // DL4J's activation layers work in place.
      results.put("inference", dense(layer.activate(false, WORKSPACES)));
    }
    Nd4j.getRandom().setSeed(5);
    layer.setInput(lie.apply(x), WORKSPACES);
    results.put("training", dense(layer.activate(true, WORKSPACES)));
    INDArray epsilon = Nets.randn(DataType.DOUBLE, 4, results.get("training").shape()).castTo(type);
    Pair<Gradient, INDArray> gradients = layer.backpropGradient(lie.apply(epsilon), WORKSPACES);
    results.put("epsilon", dense(gradients.getSecond()));
    gradients
        .getFirst()
        .gradientForVariable()
        .forEach((key, gradient) -> results.put(key, dense(gradient)));
    return results;
  }

  /** A copy; what it is a copy of must lie in memory as its ordering says. */
  private static INDArray dense(INDArray result) {
    INDArray copy = Views.dense(result);
    INDArray inOrder = result.ordering() == 'c' ? copy : Views.dense(copy.transpose());
    assertThat(result.data().asDouble()).containsExactly(inOrder.data().asDouble());
    return copy;
  }

  /** Activations, epsilon and the kernel, which another vertex may have permuted. */
  @ParameterizedTest
  @EnumSource
  void sharedConvolutionsTakeViews(Views view) {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      INDArray[] expected = shared(format, x -> Views.dense(view.of(x)));
      INDArray[] actual = shared(format, view::of);
      for (int i = 0; i < expected.length; i++) {
        assertSame(actual[i], expected[i], format + " " + i);
      }
    }
  }

  private static INDArray[] shared(CNN2DFormat format, UnaryOperator<INDArray> lie) {
    ComputationGraph net = Nets.init(Nets.shared(Nets.options(DataType.FLOAT), format));
    GraphVertex convolution =
        Arrays.stream(net.getVertices())
            .filter(v -> v.getClass().getSimpleName().equals("SharedConvolutionImpl"))
            .findFirst()
            .orElseThrow();
    INDArray x = Nets.batch(DataType.FLOAT, format, 3);
    convolution.setInput(0, lie.apply(x), WORKSPACES);
    convolution.setInput(1, lie.apply(Nets.randn(DataType.FLOAT, 2, 4, 4, 3, 3)), WORKSPACES);
    INDArray out = dense(convolution.doForward(true, WORKSPACES));
    convolution.setEpsilon(lie.apply(Nets.randn(DataType.FLOAT, 3, out.shape())));
    INDArray[] gradients = convolution.doBackward(false, WORKSPACES).getSecond();
    return new INDArray[] {out, dense(gradients[0]), dense(gradients[1])};
  }

  /** A whole classifier that shares kernels, with DL4J's vertices between. */
  @ParameterizedTest
  @EnumSource
  void networksTakeViews(Views view) {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      ComputationGraph net = Nets.randomized(Nets.shared(Nets.options(DataType.FLOAT), format));
      INDArray x = view.of(Nets.batch(DataType.FLOAT, format, 3));
      assertSame(net.outputSingle(x), net.outputSingle(Views.dense(x)), format + " " + view);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BROADCAST")
  void updatersTakeViews(Views view) {
    INDArray expected = Nets.randn(DataType.FLOAT, 1, 1, 6);
    INDArray actual = view.of(expected);
    step(expected, Nd4j.create(DataType.FLOAT, 1, 6));
    INDArray state = view.of(Nd4j.create(DataType.FLOAT, 1, 6));
    step(actual, state);
    assertSame(actual, expected, "update");
    assertThat(Views.dense(state))
        .as("state")
        .isEqualTo(Nets.randn(DataType.FLOAT, 1, 1, 6).mul(1.9));
  }

  /** Two steps with the same gradient, g: the momentum 0.9 g + g, the update 0.1 of it. */
  private static void step(INDArray gradient, INDArray state) {
    INDArray given = Views.dense(gradient);
    GradientUpdater<?> updater = new MomentumSgd(0.1, 0.9).instantiate(state, true);
    updater.applyUpdater(gradient, 0, 0);
    gradient.assign(given);
    updater.applyUpdater(gradient, 1, 0);
  }

  private static void assertSame(INDArray actual, INDArray expected, String name) {
    assertThat(actual.shape()).as(name).isEqualTo(expected.shape());
    double rounding =
        switch (expected.dataType()) {
          case DOUBLE -> 1e-13;
          case FLOAT -> 1e-5;
          default -> 5e-3;
        };
    INDArray e = expected.castTo(DataType.DOUBLE);
    assertThat(actual.castTo(DataType.DOUBLE).distance2(e))
        .as(name)
        .isLessThanOrEqualTo(rounding * (1 + e.norm2Number().doubleValue()));
  }
}
