package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
