package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.layers.Views;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.Safetensors;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.torch.TorchOptimizer.Group;
import org.kerneldna.zoo.ZooNetwork.ZooNetworkBuilder;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Weights out to a file and in again. */
class TorchWeightsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void comeBackBitForBit(Architecture architecture) throws IOException {
    ZooNetwork network = builder(architecture, 1).stochasticDepth(0).build();
    ComputationGraph trained = network.init();
    trained.fit(new DataSet(FillingRule.input("images", 2, 3, 16, 16), Nd4j.eye(2)));
    Map<String, Tensor> written = TorchWeights.of(network).read(trained);
    ZooNetwork dropping = builder(architecture, 2).stochasticDepth(0.3).build();
    TorchWeights weights = TorchWeights.of(dropping);

    ComputationGraph loaded = dropping.init(file(written));

    assertThat(loaded.paramTable()).isEqualTo(trained.paramTable());
    assertThat(loaded.getIterationCount()).isEqualTo(1);
    Map<String, Tensor> again = weights.read(loaded);
    assertThat(again.keySet()).containsExactlyElementsOf(written.keySet());
    again.forEach(
        (name, tensor) -> {
          assertThat(tensor.toFloats()).as(name).isEqualTo(written.get(name).toFloats());
          assertThat(tensor.dtype()).as(name).isEqualTo(written.get(name).dtype());
        });
  }

  @ParameterizedTest
  @EnumSource
  void areReadAndWrittenHoweverTheyLie(Views view) {
    ComputationGraph graph = small(1).init();
    StateDict state = small(1).stateDict();
    StateDict.Table parameters = StateDict.parameters(graph);
    Map<StateDict.Location, INDArray> views = new HashMap<>();
    StateDict.Table lying =
        location -> views.computeIfAbsent(location, l -> view.of(parameters.at(l)));
    StateDict.Table dense = location -> Views.dense(lying.at(location));
    for (StateDict.Entry entry : state.entries()) {
      if (!entry.locations().isEmpty()) {
        INDArray values = state.read(lying, entry.name());
        assertThat(values).as(entry.name()).isEqualTo(state.read(dense, entry.name()));
        state.write(graph, entry.name(), view.of(values.add(1)));
        assertThat(state.read(parameters, entry.name()))
            .as(entry.name())
            .isEqualTo(Views.dense(view.of(values.add(1))));
      }
    }
  }

  @Test
  void thatDoNotFitChangeNothing() throws IOException {
    ZooNetwork network = small(1);
    ComputationGraph graph = network.init();
    TorchWeights weights = TorchWeights.of(network);
    Map<String, Tensor> tensors = new LinkedHashMap<>(weights.read(small(2).init()));
    tensors.remove("fc.bias");
    TorchCheckpoint incomplete = file(tensors);
    var before = graph.params().dup();

    assertThatThrownBy(() -> weights.load(incomplete, graph))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("fc.bias");
    assertThat(graph.params()).isEqualTo(before);
  }

  /** PyTorch computes nothing from counters, and what converts a file may damage them alone. */
  @Test
  void countersThatAreNoCountsOrOfNoLayerAreLeftOut() throws IOException {
    ZooNetwork network = small(1);
    ComputationGraph expected = small(2).init();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    TorchWeights.of(network)
        .read(expected)
        .forEach(
            (name, tensor) -> {
              tensors.put(name, TorchCheckpoint.isCounter(name) ? Tensor.of(-7L << 40) : tensor);
              tensors.put("extra.num_batches_tracked", Tensor.of(new long[] {0}));
              tensors.put("more.num_batches_tracked", Tensor.of(9));
            });
    ComputationGraph graph = network.init();
    graph.getConfiguration().setIterationCount(3);

    TorchWeights.of(network).load(file(tensors), graph);
    assertThat(graph.paramTable()).isEqualTo(expected.paramTable());
    assertThat(graph.getIterationCount()).isEqualTo(3);

    tensors.put("layer1.0.bn1.num_batches_tracked", Tensor.of(70));
    tensors.put("layer1.0.bn2.num_batches_tracked", Tensor.of(1L << 31));
    TorchWeights.of(network).load(file(tensors), graph);
    assertThat(graph.getIterationCount()).isEqualTo(70);
  }

  @Test
  void aGraphOfAnotherNetworkStaysAsItWas() throws IOException {
    TorchWeights weights = TorchWeights.of(small(1));
    TorchCheckpoint checkpoint = file(weights.read(small(1).init()));
    ZooNetworkBuilder<?, ?> another = builder(Architecture.RESNET18, 2);
    for (ZooNetwork network :
        new ZooNetwork[] {
          another.numClasses(3).build(), Architecture.RESNET18.builder(false).width(0.05).build()
        }) {
      ComputationGraph graph = network.init();
      INDArray before = graph.params().dup();
      assertThatThrownBy(() -> weights.load(checkpoint, graph))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("room for")
          .hasMessageContaining("give a graph of the same network");
      assertThat(graph.params()).isEqualTo(before);
    }
  }

  @Test
  void anUpdaterOfAnotherKindStaysAsItWas() {
    ComputationGraph graph = fitted();
    INDArray before = graph.getUpdater().getStateViewArray().dup();
    Map<String, Object> adam = Map.of("amsgrad", false, "betas", List.of(0.9, 0.999));
    assertThatThrownBy(() -> WEIGHTS.loadOptimizer(optimizer(adam, "exp_avg", "exp_avg_sq"), graph))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(graph.getUpdater().getStateViewArray()).isEqualTo(before);
  }

  @Test
  void momentumOfAnotherShapeThanItsParameterIsNotTakenOver() {
    ComputationGraph graph = fitted();
    INDArray before = graph.getUpdater().getStateViewArray().dup();
    TorchOptimizer sgd = optimizer(Map.of("dampening", 0L), "momentum_buffer");
    List<Map<String, Tensor>> states = new ArrayList<>(sgd.groups().get(0).states());
    states.set(states.size() - 1, Map.of("momentum_buffer", Tensor.of(5)));
    Group group = new Group(sgd.groups().get(0).options(), List.of(), states);

    assertThat(WEIGHTS.loadOptimizer(new TorchOptimizer(List.of(group)), graph)).isFalse();
    assertThat(graph.getUpdater().getStateViewArray()).isEqualTo(before);
    assertThat(WEIGHTS.loadOptimizer(sgd, graph)).isTrue();
    assertThat(graph.getUpdater().getStateViewArray()).isNotEqualTo(before);
  }

  private static final TorchWeights WEIGHTS = TorchWeights.of(small(1));

  private static ComputationGraph fitted() {
    ComputationGraph graph = small(1).init();
    graph.fit(new DataSet(FillingRule.input("images", 2, 3, 16, 16), Nd4j.eye(2)));
    return graph;
  }

  private static TorchOptimizer optimizer(Map<String, Object> options, String... keys) {
    List<Map<String, Tensor>> states = new ArrayList<>();
    for (StateDict.Entry entry : small(1).stateDict().parameters()) {
      Map<String, Tensor> state = new HashMap<>();
      for (String key : keys) {
        state.put(key, Tensor.of(entry.shape(), FillingRule.values(key, entry.shape())));
      }
      states.add(state);
    }
    return new TorchOptimizer(List.of(new Group(options, List.of(), states)));
  }

  private TorchCheckpoint file(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("weights.safetensors");
    Safetensors.write(file, tensors, Map.of());
    return TorchCheckpoint.read(file);
  }

  private static ZooNetwork small(long seed) {
    return builder(Architecture.RESNET18, seed).build();
  }

  private static ZooNetworkBuilder<?, ?> builder(Architecture architecture, long seed) {
    return architecture
        .builder(true)
        .seed(seed)
        .numClasses(2)
        .inputShape(new int[] {3, 16, 16})
        .width(0.05)
        .smallStem(true);
  }
}
