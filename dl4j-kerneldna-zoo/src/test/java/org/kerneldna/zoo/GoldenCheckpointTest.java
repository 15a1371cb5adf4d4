package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.zoo.Agreement.assertAgrees;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.layers.MomentumSgd;
import org.kerneldna.torch.Safetensors;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The reference's checkpoints in our networks: -Dkerneldna.golden=FOLDER. */
@EnabledIfSystemProperty(named = "kerneldna.golden", matches = ".+")
class GoldenCheckpointTest {

  static final Path CHECKPOINTS =
      Path.of(System.getProperty("kerneldna.golden", "")).resolve("checkpoints");
  static final String TRAINING = "checkpoint-mobilenet_v2_1d2.pth.tar";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    TRAINING + ", true, models/mobilenet_v2_1d2-kerneldna/logits.npy",
    "mobilenet_v2_1d2-legacy-format.pth, true, models/mobilenet_v2_1d2-kerneldna/logits.npy",
    "mobilenet_v2_1d2-plain.pth, false, models/mobilenet_v2_1d2-static/logits.npy",
    "mobilenet_v2_1d2-half.pth, true, checkpoints/mobilenet_v2_1d2-half.logits.npy"
  })
  void giveTheReferencesLogits(String file, boolean customize, String logits) {
    ZooNetwork network = network(customize).build();
    ComputationGraph graph = network.init();
    TorchWeights.of(network).load(TorchCheckpoint.read(CHECKPOINTS.resolve(file)), graph);

    INDArray images = FillingRule.input("input", 2, 3, 224, 224);
    INDArray actual = graph.feedForward(images, false).get("classifier.1");

    INDArray expected =
        Nd4j.createFromNpyFile(CHECKPOINTS.getParent().resolve(logits).toFile()).dup('c');
    assertAgrees(actual, new GoldenCase.Tensor(logits, expected, 0), 1e-7, 1e-5);
  }

  @Test
  void goesOnTrainingWhereTheReferenceStopped() throws IOException {
    JsonNode resume = entry("files", TRAINING).get("resume");
    TorchCheckpoint checkpoint = TorchCheckpoint.read(CHECKPOINTS.resolve(TRAINING));
    TorchOptimizer sgd = checkpoint.optimizers().get(0);
    double momentum = resume.get("momentum").asDouble();
    ZooNetwork network =
        network(true)
            .inputShape(new int[] {3, 64, 64})
            .updater(new MomentumSgd(sgd.groups().get(0).number("lr", 0), momentum))
            .weightDecay(resume.get("weight_decay").asDouble())
            .dataType(DataType.DOUBLE)
            .build();
    ComputationGraph graph = network.init();
    TorchWeights weights = TorchWeights.of(network);
    weights.load(checkpoint, graph);
    assertThat(weights.loadOptimizer(sgd, graph)).isTrue();
    DataSet batch = new DataSet(images(resume), labels(resume));

    assertThat(loss(graph, batch)).isCloseTo(resume.get("losses").get(0).asDouble(), within(1e-7));
    graph.fit(batch);
    assertThat(loss(graph, batch)).isCloseTo(resume.get("losses").get(1).asDouble(), within(1e-7));
    StateDict state = network.stateDict();
    resume
        .get("parameter_l2_norms_after")
        .fields()
        .forEachRemaining(
            norm -> {
              double expected = norm.getValue().get("value").asDouble();
              INDArray values = state.read(StateDict.parameters(graph), norm.getKey());
              assertThat(values.norm2Number().doubleValue())
                  .as(norm.getKey())
                  .isCloseTo(expected, within(1e-7 * Math.max(expected, 1e-3)));
            });
  }

  @Test
  void areWrittenAgainBitForBit() throws IOException {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(CHECKPOINTS.resolve(TRAINING));
    ZooNetwork network = network(true).build();
    ComputationGraph graph = network.init();
    TorchWeights weights = TorchWeights.of(network);
    weights.load(checkpoint, graph);
    Path file = folder.resolve("again.safetensors");

    Safetensors.write(file, weights.read(graph), Map.of());

    Map<String, Tensor> again = Safetensors.read(file).tensors();
    Map<String, Tensor> original = checkpoint.network(network.stateDict().shapes()).tensors();
    assertThat(again.keySet()).containsExactlyElementsOf(original.keySet());
    original.forEach(
        (name, tensor) -> {
          assertThat(again.get(name).dtype()).as(name).isEqualTo(tensor.dtype());
          assertThat(again.get(name).shape()).as(name).isEqualTo(tensor.shape());
          assertThat(Arrays.equals(again.get(name).toFloats(), tensor.toFloats()))
              .as(name)
              .isTrue();
        });
  }

  private static ZooNetwork.ZooNetworkBuilder<?, ?> network(boolean customize) {
    return Architecture.MOBILENET_V2_1D2.builder(customize);
  }

  /** What case.json says of a file, in one of its lists. */
  static JsonNode entry(String list, String file) throws IOException {
    JsonNode files =
        new ObjectMapper().readTree(Files.readString(CHECKPOINTS.resolve("case.json"))).get(list);
    return StreamSupport.stream(files.spliterator(), false)
        .filter(entry -> entry.get("file").asText().equals(file))
        .findAny()
        .orElseThrow();
  }

  private static INDArray images(JsonNode resume) {
    JsonNode input = resume.get("input");
    return FillingRule.input(input.get("name").asText(), GoldenCase.longs(input.get("shape")))
        .castTo(DataType.DOUBLE);
  }

  private static INDArray labels(JsonNode resume) {
    long[] labels = GoldenCase.longs(resume.get("labels"));
    INDArray oneHot = Nd4j.zeros(DataType.DOUBLE, labels.length, 1000);
    for (int i = 0; i < labels.length; i++) {
      oneHot.putScalar(i, labels[i], 1);
    }
    return oneHot;
  }

  /** The loss of the next step, without weight decay's part. */
  private static double loss(ComputationGraph graph, DataSet batch) {
    return graph.score(batch, true) - graph.calcRegularizationScore(true);
  }
}
