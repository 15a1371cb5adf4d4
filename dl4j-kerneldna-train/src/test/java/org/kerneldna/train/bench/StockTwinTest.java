package org.kerneldna.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.graph.read.Thawed;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.layers.natives.Backend;
import org.kerneldna.layers.natives.LayerHelpers;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class StockTwinTest {

  private static final int CLASSES = 5;
  private static final int SIZE = 32;
  private static final MomentumSgd UPDATER = new MomentumSgd(0.001, 0.9);

  @ParameterizedTest
  @EnumSource
  void computesWhatOursComputesInEveryVertex(Architecture arch) {
    assertSame(trained(arch, CNN2DFormat.NCHW), batch(CNN2DFormat.NCHW).getFeatures());
  }

  @ParameterizedTest
  @EnumSource
  void keepsTheLayout(Architecture arch) {
    assertSame(trained(arch, CNN2DFormat.NHWC), batch(CNN2DFormat.NHWC).getFeatures());
  }

  @ParameterizedTest
  @EnumSource
  void trainsChannelsLast(Architecture arch) {
    ComputationGraph ours = network(arch, CNN2DFormat.NHWC);
    ComputationGraph twin = helped(ours);
    twin.fit(batch(CNN2DFormat.NHWC));
    assertThat(twin.params().equals(ours.params())).isFalse();
  }

  @Test
  void keepsOnlyWhatDl4jLacks() {
    assertThat(kept(Architecture.RESNET50)).isEmpty();
    assertThat(kept(Architecture.MOBILENET_V2)).isEmpty();
    assertThat(kept(Architecture.CONVNEXT_TINY))
        .containsExactly("ChannelLayerNorm", "DropPath", "Gelu", "LayerScale");
  }

  @Test
  void learnsByTheSameRules() {
    ComputationGraph ours = network(Architecture.RESNET18, CNN2DFormat.NCHW);
    BaseLayer conf = conf(ours);
    BaseLayer twin = conf(StockTwin.of(ours));
    assertThat(twin).isExactlyInstanceOf(ConvolutionLayer.class);
    assertThat(twin.getIUpdater()).isEqualTo(UPDATER);
    assertThat(twin.getRegularization()).isNotEmpty().isEqualTo(conf.getRegularization());
  }

  @ParameterizedTest
  @EnumSource
  void oursHaveNothingThatAHelperMakesFaster(Architecture arch) {
    assertThat(LayerHelpers.enable(network(arch, CNN2DFormat.NCHW))).isZero();
  }

  @Test
  void theTwinHas() {
    // 20 convolutions and as many normalisations.
    assertThat(LayerHelpers.enable(StockTwin.of(network(Architecture.RESNET18, CNN2DFormat.NCHW))))
        .isEqualTo(Backend.oneDnn() ? 40 : 0);
  }

  private static void assertSame(ComputationGraph ours, INDArray images) {
    INDArray params = ours.params().dup();
    Map<String, INDArray> expected = ours.feedForward(images, false);
    for (ComputationGraph twin : twins(ours)) {
      Map<String, INDArray> actual = twin.feedForward(images, false);
      expected.forEach(
          (vertex, value) -> {
            if (!isWrittenOver(vertex, twin)) {
              assertClose(vertex, actual.get(last(vertex, twin)), value);
            }
          });
    }
    assertThat(ours.params()).isEqualTo(params);
  }

  /** DL4J's activation layers work in place. */
  private static boolean isWrittenOver(String vertex, ComputationGraph twin) {
    var conf = twin.getConfiguration();
    return conf.getVertexInputs().entrySet().stream()
        .anyMatch(
            reader ->
                reader.getValue().contains(last(vertex, twin))
                    && Thawed.configuration(conf.getVertices().get(reader.getKey()))
                        instanceof ActivationLayer);
  }

  /** Where a ReLU was part of a vertex, it is one of its own in the twin. */
  private static String last(String vertex, ComputationGraph twin) {
    return Stream.of(vertex + "-relu", vertex + "-relu6")
        .filter(twin.getConfiguration().getVertices()::containsKey)
        .findFirst()
        .orElse(vertex);
  }

  private static ComputationGraph[] twins(ComputationGraph ours) {
    return new ComputationGraph[] {StockTwin.of(ours), helped(ours)};
  }

  private static ComputationGraph helped(ComputationGraph ours) {
    ComputationGraph twin = StockTwin.of(ours);
    LayerHelpers.enable(twin);
    return twin;
  }

  private static void assertClose(String vertex, INDArray actual, INDArray expected) {
    double scale = Math.max(1, expected.amaxNumber().doubleValue());
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / scale)
        .as(vertex + " of scale " + scale)
        .isCloseTo(0, within(1e-4));
  }

  private static Set<String> kept(Architecture arch) {
    return StockTwin.kept(StockTwin.of(network(arch, CNN2DFormat.NCHW)));
  }

  private static BaseLayer conf(ComputationGraph graph) {
    return (BaseLayer) graph.getLayer("conv1").conf().getLayer();
  }

  /** A step from its initialisation, so that running statistics are no longer 0 and 1. */
  private static ComputationGraph trained(Architecture arch, CNN2DFormat format) {
    ComputationGraph graph = network(arch, format);
    graph.fit(batch(format));
    return graph;
  }

  private static ComputationGraph network(Architecture arch, CNN2DFormat format) {
    return arch.builder(false)
        .width(0.05)
        .numClasses(CLASSES)
        .inputShape(new int[] {3, SIZE, SIZE})
        .dataFormat(format)
        .updater(UPDATER)
        .build()
        .init();
  }

  private static DataSet batch(CNN2DFormat format) {
    Nd4j.getRandom().setSeed(7);
    INDArray images =
        format == CNN2DFormat.NCHW ? Nd4j.randn(3, 3, SIZE, SIZE) : Nd4j.randn(3, SIZE, SIZE, 3);
    return new DataSet(images, Nd4j.eye(CLASSES).getRows(0, 1, 2));
  }
}
