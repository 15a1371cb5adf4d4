package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.zoo.PretrainedType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.DropPath;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.zoo.StateDict.Kind;
import org.kerneldna.zoo.ZooNetwork.ZooNetworkBuilder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** What holds for every architecture, static and with KernelDNA, on small instances. */
class ArchitectureTest {

  private static final int BATCH = 4;
  private static final int CLASSES = 5;

  static Stream<Arguments> networks() {
    return Arrays.stream(Architecture.values())
        .flatMap(a -> Stream.of(Arguments.of(a, false), Arguments.of(a, true)));
  }

  @Test
  void isFoundByItsName() {
    for (Architecture architecture : Architecture.values()) {
      assertThat(Architecture.named(architecture.toString())).isEqualTo(architecture);
    }
    assertThatThrownBy(() -> Architecture.named("lenet"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lenet")
        .hasMessageContaining("resnet18");
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, false, 8",
    "resnet18, true, 10",
    "resnet50, false, 16",
    "resnet50, true, 17",
    "mobilenet_v2, false, 10",
    "mobilenet_v2, true, 10",
    "mobilenet_v2_1d2, false, 10",
    "mobilenet_v2_1d2, true, 10",
    "convnext_tiny, false, 18",
    "convnext_tiny, true, 18"
  })
  void dropsDeeperBranchesMoreOften(String name, boolean customize, int branches) {
    ZooNetworkBuilder<?, ?> builder = Architecture.named(name).builder(customize);
    ComputationGraphConfiguration dropping = builder.stochasticDepth(0.3).build().conf();
    assertThat(dropRates(dropping))
        .containsExactlyElementsOf(
            IntStream.range(0, branches).mapToObj(i -> 0.3 * i / (branches - 1)).toList());

    List<String> others = new ArrayList<>(dropping.getVertices().keySet());
    others.removeIf(vertex -> vertex.endsWith(".stochastic_depth"));
    assertThat(dropping.getVertices()).hasSize(others.size() + branches - 1);
    assertThat(builder.stochasticDepth(0).build().conf().getVertices().keySet())
        .containsExactlyElementsOf(others);
  }

  /** How often the first summand of each sum is dropped. */
  private static List<Double> dropRates(ComputationGraphConfiguration conf) {
    return conf.getVertices().entrySet().stream()
        .filter(vertex -> vertex.getValue() instanceof ElementWiseVertex)
        .map(sum -> conf.getVertices().get(conf.getVertexInputs().get(sum.getKey()).get(0)))
        .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
        .map(layer -> layer instanceof DropPath drop ? drop.getRate() : 0.0)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stochasticDepthIsForTrainingOnly(Architecture architecture, boolean customize) {
    ZooNetwork network = small(architecture, customize).stochasticDepth(0).build();
    ZooNetwork dropping = small(architecture, customize).stochasticDepth(0.9).seed(7).build();
    ComputationGraph expected = network.init();
    ComputationGraph actual = dropping.init();
    FillingRule.fill(expected, network.stateDict());
    FillingRule.fill(actual, dropping.stateDict());
    INDArray images = batch(architecture, CNN2DFormat.NCHW).getFeatures();

    assertThat(actual.paramTable()).isEqualTo(expected.paramTable());
    assertThat(actual.outputSingle(images)).isEqualTo(expected.outputSingle(images));
    assertThat(actual.output(true, images)[0]).isNotEqualTo(expected.output(true, images)[0]);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void learnsABatch(Architecture architecture, boolean customize) {
    ComputationGraph graph = small(architecture, customize).updater(new Adam(3e-3)).build().init();
    DataSet batch = batch(architecture, CNN2DFormat.NCHW);
    double before = graph.score(batch, true);
    for (int i = 0; i < 20; i++) {
      graph.fit(batch);
    }
    assertThat(graph.score(batch, true)).isLessThan(0.5 * before);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void computesTheSameInBothLayouts(Architecture architecture, boolean customize) {
    ZooNetworkBuilder<?, ?> builder =
        small(architecture, customize)
            .smallStem(false)
            .stochasticDepth(0.3)
            .dataType(DataType.DOUBLE);
    ComputationGraph nchw = builder.build().init();
    ComputationGraph nhwc = builder.dataFormat(CNN2DFormat.NHWC).build().init();
    nhwc.setParams(nchw.params());

    fit(nchw, batch(architecture, CNN2DFormat.NCHW));
    fit(nhwc, batch(architecture, CNN2DFormat.NHWC));

    assertClose(nhwc.params(), nchw.params());
    assertClose(
        nhwc.outputSingle(batch(architecture, CNN2DFormat.NHWC).getFeatures()),
        nchw.outputSingle(batch(architecture, CNN2DFormat.NCHW).getFeatures()));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void comesInAllWidthsAndBothStems(Architecture architecture, boolean customize) {
    for (double width : new double[] {0.01, 0.4}) {
      for (boolean smallStem : new boolean[] {false, true}) {
        ComputationGraph graph =
            small(architecture, customize).width(width).smallStem(smallStem).build().init();
        graph.fit(batch(architecture, CNN2DFormat.NCHW));
        // By batch statistics: after one step the running ones are still far off in a deep network.
        INDArray output =
            graph.output(true, batch(architecture, CNN2DFormat.NCHW).getFeatures())[0];
        assertThat(output.shape()).containsExactly(BATCH, CLASSES);
        assertThat(output.sumNumber().doubleValue()).isFinite();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void keepsFrozenStatistics(Architecture architecture, boolean customize) {
    ZooNetwork network =
        small(architecture, customize).frozenStatistics(true).dataType(DataType.DOUBLE).build();
    StateDict state = network.stateDict();
    ComputationGraph graph = network.init();
    Map<String, INDArray> before = state.read(graph);
    DataSet one = batch(architecture, CNN2DFormat.NCHW).get(0);

    graph.fit(one);
    graph.fit(batch(architecture, CNN2DFormat.NCHW));

    Map<String, INDArray> after = state.read(graph);
    Predicate<String> same = name -> after.get(name).equalsWithEps(before.get(name), 0);
    boolean hasNone = architecture == Architecture.CONVNEXT_TINY && !customize;
    assertThat(names(state, Kind.BUFFER).isEmpty()).isEqualTo(hasNone);
    assertThat(names(state, Kind.BUFFER)).allMatch(same);
    // The offset of a hidden unit that is off starts at 0 and has no gradient.
    assertThat(names(state, Kind.PARAMETER))
        .filteredOn(name -> !name.endsWith(".se.bn.bias"))
        .noneMatch(same);
  }

  private static List<String> names(StateDict state, Kind kind) {
    return state.entries().stream()
        .filter(entry -> entry.kind() == kind && !entry.locations().isEmpty())
        .map(StateDict.Entry::name)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void survivesJson(Architecture architecture, boolean customize) {
    ComputationGraphConfiguration conf =
        small(architecture, customize).stochasticDepth(0.3).build().conf();
    assertThat(ComputationGraphConfiguration.fromJson(conf.toJson())).isEqualTo(conf);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void goesOnAfterSavingAsIfNothingHadBeen(Architecture architecture, boolean customize)
      throws IOException {
    ComputationGraph graph = small(architecture, customize).build().init();
    DataSet batch = batch(architecture, CNN2DFormat.NCHW);
    graph.fit(batch);

    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, saved, true);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(
            new ByteArrayInputStream(saved.toByteArray()), true);

    assertThat(restored.outputSingle(batch.getFeatures()))
        .isEqualTo(graph.outputSingle(batch.getFeatures()));
    fit(graph, batch);
    fit(restored, batch);
    assertThat(restored.params()).isEqualTo(graph.params());
    assertThat(restored.getUpdater().getUpdaterStateViewArray())
        .isEqualTo(graph.getUpdater().getUpdaterStateViewArray());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void countsWhatItsStateDictLists(Architecture architecture, boolean customize) {
    ZooNetwork network = small(architecture, customize).build();
    long listed =
        network.stateDict().entries().stream()
            .filter(entry -> entry.kind() == Kind.PARAMETER)
            .mapToLong(entry -> Arrays.stream(entry.shape()).reduce(1, Math::multiplyExact))
            .sum();
    assertThat(Complexity.of(network.init(), network.inputType()).parameters()).isEqualTo(listed);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void writesWhatItReads(Architecture architecture, boolean customize) {
    ZooNetwork network = small(architecture, customize).build();
    StateDict state = network.stateDict();
    ComputationGraph graph = network.init();
    ComputationGraph copy = small(architecture, customize).seed(7).build().init();
    assertThat(copy.params()).isNotEqualTo(graph.params());

    state.read(graph).forEach((name, values) -> state.write(copy, name, values));

    assertThat(copy.params()).isEqualTo(graph.params());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void isAZooModel(Architecture architecture, boolean customize) {
    ZooNetwork network = small(architecture, customize).build();
    network.setInputShape(new int[][] {{1, 40, 48}});
    assertThat(network.metaData().getInputShape()[0]).containsExactly(1, 40, 48);
    assertThat(network.pretrainedAvailable(PretrainedType.IMAGENET)).isFalse();
    assertThat(network.modelType()).isEqualTo(ComputationGraph.class);
    ComputationGraph graph = network.init();
    assertThat(graph.outputSingle(Nd4j.rand(2, 1, 40, 48)).shape()).containsExactly(2, CLASSES);
    assertThat(graph.summary(network.inputType())).contains(ZooNetwork.OUTPUT);
  }

  /**
   * Small, but ConvNeXt's four downsamplings leave nothing of less than 32 pixels, and
   * MobileNetV2's leave too few for its normalisations: at 16 pixels the last bit of a float
   * decides how it learns.
   */
  private static int size(Architecture architecture) {
    return switch (architecture) {
      case RESNET18, RESNET50 -> 16;
      case CONVNEXT_TINY, MOBILENET_V2, MOBILENET_V2_1D2 -> 32;
    };
  }

  private static ZooNetworkBuilder<?, ?> small(Architecture architecture, boolean customize) {
    return architecture
        .builder(customize)
        .numClasses(CLASSES)
        .inputShape(new int[] {3, size(architecture), size(architecture)})
        .width(0.125)
        .smallStem(true)
        .updater(new MomentumSgd(0.01, 0.9));
  }

  /** One step in which chance, as that of stochastic depth, is the same each time. */
  private static void fit(ComputationGraph graph, DataSet batch) {
    Nd4j.getRandom().setSeed(3);
    graph.fit(batch);
  }

  private static DataSet batch(Architecture architecture, CNN2DFormat format) {
    int size = size(architecture);
    INDArray images = FillingRule.input("images", BATCH, 3, size, size);
    INDArray labels = Nd4j.zeros(BATCH, CLASSES);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, i, 1);
    }
    return new DataSet(
        format == CNN2DFormat.NCHW ? images : images.permute(0, 2, 3, 1).dup('c'), labels);
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .isLessThan(1e-9 * expected.amaxNumber().doubleValue());
  }
}
