package org.kerneldna.sweep.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.zoo.Architecture;
import org.kerneldna.zoo.ZooNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ChildrenTest {

  private static final int CLASSES = 3;

  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"RESNET18", "MOBILENET_V2_1D2", "CONVNEXT_TINY"})
  void everyNetworkLearnsWithWhatIsLeft(Architecture arch) {
    learns(arch, settings(arch, 1, 2, "filter"));
    learns(arch, settings(arch, 0, 0, "none"));
    learns(arch, settings(arch, 9, 4, "both"));
  }

  /** Two settings are the same training if their networks' configurations are. */
  @ParameterizedTest
  @EnumSource(
      value = Architecture.class,
      names = {"RESNET18", "MOBILENET_V2_1D2", "CONVNEXT_TINY"})
  void canonicalSettingsAreOneForEveryNetwork(Architecture arch) {
    Map<String, Settings> byNetwork = new HashMap<>();
    Set<Settings> canonical = new HashSet<>();
    for (int plainClusters : List.of(0, 1, 50, 99)) {
      for (int gateRatio : List.of(0, 2, 4)) {
        for (String modulation : List.of("both", "spatial", "filter", "none")) {
          Settings settings = settings(arch, plainClusters, gateRatio, modulation);
          ComputationGraphConfiguration conf = network(arch).conf();
          Children.apply(settings, conf);
          canonical.add(Children.canonical(settings));
          assertThat(byNetwork.computeIfAbsent(conf.toJson(), c -> Children.canonical(settings)))
              .isEqualTo(Children.canonical(settings));
        }
      }
    }
    assertThat(canonical).hasSameSizeAs(byNetwork.keySet()).hasSizeLessThan(3 * 3 * 4);
  }

  @Test
  void staticNetworksHaveNoChildrenToDifferIn() {
    Settings one =
        settings(Architecture.RESNET18, 1, 2, "none").toBuilder().customize(false).build();
    Settings other =
        settings(Architecture.RESNET18, 0, 8, "both").toBuilder().customize(false).build();
    assertThat(Children.canonical(one)).isEqualTo(Children.canonical(other));
    assertThat(Children.canonical(one.toBuilder().lr(0.5).build()))
        .isNotEqualTo(Children.canonical(other));
  }

  @Test
  void anUnmodulatedChildIsOneWhoseModulationHasNotLearned() {
    INDArray images = Nd4j.rand(2, 3, 32, 32);
    ComputationGraph modulated =
        graph(Architecture.RESNET18, settings(Architecture.RESNET18, 0, 0, "both"));
    ComputationGraph plain =
        graph(Architecture.RESNET18, settings(Architecture.RESNET18, 0, 0, "none"));
    assertThat(plain.outputSingle(images)).isEqualTo(modulated.outputSingle(images));
    assertThat(plain.numParams()).isLessThan(modulated.numParams());
  }

  @Test
  void aClusterWithoutChildrenHasAKernelForEveryConvolution() {
    long shared = parameters(settings(Architecture.RESNET18, 0, 0, "none"));
    long firstPlain = parameters(settings(Architecture.RESNET18, 1, 0, "none"));
    long allPlain = parameters(settings(Architecture.RESNET18, 2, 0, "none"));
    // Three children of 3x3 in each cluster, 32 channels wide in the first and 64 in the second.
    assertThat(firstPlain - shared).isEqualTo(3 * 9 * 32 * 32);
    assertThat(allPlain - firstPlain).isEqualTo(3 * 9 * 64 * 64);
  }

  @Test
  void theRatioScalesAllGates() {
    Settings wide = settings(Architecture.MOBILENET_V2, 0, 2, "both");
    Settings papers = settings(Architecture.MOBILENET_V2, 0, 4, "both");
    ComputationGraphConfiguration conf = network(Architecture.MOBILENET_V2).conf();
    long before = Complexity.of(conf, network(Architecture.MOBILENET_V2).inputType()).parameters();
    assertThat(Children.apply(papers, conf)).isFalse();
    assertThat(Children.apply(wide, conf)).isTrue();
    assertThat(Complexity.of(conf, network(Architecture.MOBILENET_V2).inputType()).parameters())
        .isGreaterThan(before);
    assertThat(ratio(conf, "features.6.blocks.0.pw1-gate")).isEqualTo(2);
    assertThat(ratio(conf, "features.6.blocks.0.pw2-gate")).isEqualTo(12);
  }

  private static int ratio(ComputationGraphConfiguration conf, String gate) {
    var vertex = (LayerVertex) conf.getVertices().get(gate);
    return ((SqueezeExcitation) vertex.getLayerConf().getLayer()).getRatio();
  }

  private static void learns(Architecture arch, Settings settings) {
    ComputationGraph graph = graph(arch, settings);
    INDArray before = graph.params().dup();
    INDArray labels = Nd4j.zeros(4, CLASSES);
    for (int i = 0; i < 4; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    graph.fit(new DataSet(Nd4j.rand(4, 3, 32, 32), labels));
    assertThat(graph.score()).isFinite();
    assertThat(graph.params()).isNotEqualTo(before);
    ComputationGraph read =
        new ComputationGraph(
            ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson()));
    read.init(graph.params().dup(), false);
    INDArray images = Nd4j.rand(2, 3, 32, 32);
    assertThat(read.outputSingle(images).equalsWithEps(graph.outputSingle(images), 1e-4)).isTrue();
  }

  private static long parameters(Settings settings) {
    ZooNetwork network = network(Architecture.RESNET18);
    ComputationGraphConfiguration conf = network.conf();
    Children.apply(settings, conf);
    return Complexity.of(conf, network.inputType()).parameters();
  }

  private static ComputationGraph graph(Architecture arch, Settings settings) {
    ComputationGraphConfiguration conf = network(arch).conf();
    assertThat(Children.apply(settings, conf)).isTrue();
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  private static ZooNetwork network(Architecture arch) {
    return arch.builder(true)
        .numClasses(CLASSES)
        .inputShape(new int[] {3, 32, 32})
        .width(0.125)
        .smallStem(true)
        .build();
  }

  private static Settings settings(Architecture arch, int plain, int ratio, String modulation) {
    Map<String, Object> written =
        Map.of(
            "arch", arch.toString(),
            "plain_clusters", plain,
            "gate_ratio", ratio,
            "modulation", modulation);
    return (Settings)
        new RandomSearchGenerator(SpaceReader.read(written)).getCandidate().getValue();
  }
}
