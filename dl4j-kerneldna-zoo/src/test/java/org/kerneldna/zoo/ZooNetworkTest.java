package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.kerneldna.layers.MomentumSgd;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The options, the beginning and the reuse of a network. */
class ZooNetworkTest {

  @Test
  void startsAsTorchvisionDoes() {
    ZooNetwork network = KernelDNAResNet18.builder().numClasses(10).build();
    Map<String, INDArray> state = network.stateDict().read(network.init());

    assertThat(std(state, "layer1.0.conv1.weight")).isCloseTo(kaiming(64 * 9), within(1e-3));
    assertThat(std(state, "layer2.0.conv1.weight")).isCloseTo(kaiming(128 * 9), within(1e-3));
    assertThat(std(state, "layer4.conv2.weight")).isCloseTo(kaiming(512 * 9), within(1e-3));
    assertThat(std(state, "layer4.se.0.se.fc1.weight")).isCloseTo(kaiming(128), within(1e-3));
    assertThat(std(state, "layer4.se.0.se.fc2.weight")).isCloseTo(kaiming(512), within(1e-3));
    double bound = 1 / Math.sqrt(512);
    assertThat(state.get("fc.weight").maxNumber().doubleValue())
        .isCloseTo(bound, within(1e-3))
        .isLessThanOrEqualTo(bound);
    assertThat(state.get("layer4.static_spatial_attn").amaxNumber().doubleValue()).isZero();
    assertThat(state.get("layer4.static_filter_attn").amaxNumber().doubleValue()).isZero();
    assertThat(state.get("bn1.weight").minNumber().doubleValue()).isEqualTo(1);
  }

  @Test
  void startsFromItsSeed() {
    INDArray params = tiny().seed(1).build().init().params();
    assertThat(tiny().seed(1).build().init().params()).isEqualTo(params);
    assertThat(tiny().seed(2).build().init().params()).isNotEqualTo(params);
  }

  @Test
  void decaysEveryLearnedParameter() {
    ZooNetwork network =
        tiny().weightDecay(0.5).updater(new MomentumSgd(1, 0)).frozenStatistics(true).build();
    StateDict state = network.stateDict();
    ComputationGraph graph = network.init();
    FillingRule.fill(graph, state);
    Map<String, INDArray> before = state.read(graph);
    ComputationGraph undecayed = tiny().weightDecay(0).frozenStatistics(true).build().init();
    undecayed.setParams(graph.params());
    DataSet batch = new DataSet(FillingRule.input("images", 2, 3, 32, 32), Nd4j.eye(2));
    undecayed.setInputs(batch.getFeatures());
    undecayed.setLabels(batch.getLabels());
    undecayed.computeGradientAndScore();

    graph.fit(batch);

    Map<String, INDArray> after = state.read(graph);
    for (StateDict.Entry entry : state.entries()) {
      if (entry.kind() == StateDict.Kind.PARAMETER) {
        INDArray gradient = state.read(StateDict.gradients(undecayed), entry.name()).div(2);
        INDArray expected = before.get(entry.name()).mul(0.5).sub(gradient);
        assertThat(after.get(entry.name()).equalsWithEps(expected, 1e-4)).as(entry.name()).isTrue();
      }
    }
  }

  @Test
  void canBeFineTuned() {
    ComputationGraph graph = tiny().build().init();
    ComputationGraph tuned =
        new TransferLearning.GraphBuilder(graph)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new MomentumSgd(0.1, 0.9)).build())
            .setFeatureExtractor("layer3.block2.relu")
            .nOutReplace("fc", 3, WeightInit.UNIFORM)
            .build();
    DataSet batch = new DataSet(FillingRule.input("images", 3, 3, 32, 32), Nd4j.eye(3));
    Map<String, INDArray> before = tuned.clone().paramTable();

    tuned.fit(batch);

    assertThat(tuned.outputSingle(batch.getFeatures()).shape()).containsExactly(3, 3);
    assertThat(tuned.getParam("layer3.conv2-kernel_W"))
        .isEqualTo(before.get("layer3.conv2-kernel_W"));
    assertThat(tuned.getParam("layer4.conv2-kernel_W"))
        .isNotEqualTo(before.get("layer4.conv2-kernel_W"));
  }

  @Test
  void refusesImpossibleOptions() {
    assertThatThrownBy(() -> tiny().width(0).build().conf())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Width");
    assertThatThrownBy(() -> tiny().inputShape(new int[] {32, 32}).build().conf())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("channels");
    for (double rate : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> tiny().stochasticDepth(rate).build().conf())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Stochastic depth must be in [0, 1), got " + rate);
    }
  }

  @Test
  void refusesTensorsThatDoNotFit() {
    ZooNetwork network = tiny().build();
    StateDict state = network.stateDict();
    ComputationGraph graph = network.init();
    assertThatThrownBy(() -> state.write(graph, "layer5.conv1.weight", Nd4j.ones(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer5.conv1.weight");
    assertThatThrownBy(() -> state.write(graph, "fc.bias", Nd4j.ones(1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2]")
        .hasMessageContaining("[1, 2]");
    state.write(graph, "bn1.num_batches_tracked", Nd4j.scalar(5L));
    assertThatThrownBy(() -> state.read(StateDict.parameters(graph), "bn1.num_batches_tracked"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bn1.num_batches_tracked");
  }

  private static ZooNetwork.ZooNetworkBuilder<?, ?> tiny() {
    return KernelDNAResNet18.builder()
        .numClasses(2)
        .inputShape(new int[] {3, 32, 32})
        .width(0.125)
        .smallStem(true);
  }

  private static double std(Map<String, INDArray> state, String name) {
    return state.get(name).stdNumber().doubleValue();
  }

  private static double kaiming(double fanOut) {
    return Math.sqrt(2 / fanOut);
  }
}
