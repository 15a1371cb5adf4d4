package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.zoo.GoldenCheckpointTest.CHECKPOINTS;
import static org.kerneldna.zoo.GoldenCheckpointTest.TRAINING;
import static org.kerneldna.zoo.GoldenCheckpointTest.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.CheckpointException;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;

/** Files of whole networks, which are too big to be kept here: -Dkerneldna.golden=FOLDER. */
@EnabledIfSystemProperty(named = "kerneldna.golden", matches = ".+")
class RecordedCheckpointTest {

  @ParameterizedTest
  @CsvSource({
    TRAINING + ", kerneldna",
    "mobilenet_v2_1d2-plain.pth, static",
    "mobilenet_v2_1d2-legacy-format.pth, kerneldna"
  })
  void holdsTheNetwork(String file, String variant) {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(CHECKPOINTS.resolve(file));
    checkpoint
        .network(network(variant))
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(
                        Arrays.equals(tensor.toFloats(), FillingRule.values(name, tensor.shape())))
                    .as(name)
                    .isTrue());
  }

  @Test
  void holdsTheNetworkInHalfPrecision() {
    TorchCheckpoint checkpoint =
        TorchCheckpoint.read(CHECKPOINTS.resolve("mobilenet_v2_1d2-half.pth"));
    assertThat(checkpoint.stateDict().keySet())
        .containsExactlyElementsOf(network("kerneldna").keySet());
    checkpoint.stateDict().forEach(RecordedCheckpointTest::assertRoundedToHalf);
  }

  @Test
  void holdsTheTraining() throws IOException {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(CHECKPOINTS.resolve(TRAINING));
    Map<String, Tensor> network = checkpoint.network(network("kerneldna")).tensors();
    JsonNode expected = entry("files", TRAINING);

    assertThat(checkpoint.arch()).hasValue(expected.get("arch").asText());
    assertThat(checkpoint.epoch()).hasValue(expected.get("epoch").asLong());
    assertThat(checkpoint.bestAcc1()).hasValue(expected.get("best_acc1").asDouble());
    JsonNode scheduler = expected.get("scheduler");
    assertThat(checkpoint.schedulers()).hasSize(1);
    assertThat(checkpoint.schedulers().get(0))
        .containsEntry("warmup_epochs", scheduler.get("warmup_epochs").asLong())
        .containsEntry("max_epochs", scheduler.get("max_epochs").asLong())
        .containsEntry("eta_min", scheduler.get("eta_min").asDouble())
        .containsEntry("base_lrs", List.of(scheduler.get("base_lrs").get(0).asDouble()))
        .containsEntry("last_epoch", scheduler.get("last_epoch").asLong());
    assertThat(checkpoint.optimizers()).hasSize(1);
    assertThat(checkpoint.optimizers().get(0).kind()).isEqualTo(TorchOptimizer.Kind.SGD);
    assertThat(checkpoint.optimizers().get(0).groups()).hasSize(1);
    TorchOptimizer.Group sgd = checkpoint.optimizers().get(0).groups().get(0);
    assertThat(sgd.options())
        .containsEntry("lr", expected.get("lr").asDouble())
        .containsEntry("momentum", expected.get("resume").get("momentum").asDouble())
        .containsEntry("weight_decay", expected.get("resume").get("weight_decay").asDouble());
    assertMomentum(network, sgd.states(), expected.get("momentum_buffer_l2_norms"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"short-storage.pth", "missing-storage.pth"})
  void refusesWithTheTensorsName(String file) throws IOException {
    assertRefused(hostile(file), "\"" + tensor(file) + "\"", "its storage \"390\"");
  }

  @Test
  void refusesAStorageWithBothLengths() {
    assertRefused(hostile("short-storage.pth"), "holds 2559000 bytes", "should hold 2560000");
  }

  @Test
  void refusesATruncatedFile() {
    assertRefused(hostile("truncated.pth"), "truncated or damaged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrong-shape.pth", "missing-key.pth", "unexpected-key.pth"})
  void refusesWhatDoesNotFitTheNetwork(String file) throws IOException {
    String tensor = tensor(file);
    assertThatThrownBy(() -> TorchCheckpoint.read(hostile(file)).network(network("kerneldna")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(hostile(file).toString())
        .hasMessageContaining("tensor \"" + tensor + "\"");
  }

  @Test
  void refusesAWrongShapeWithBothShapes() {
    assertThatThrownBy(
            () -> TorchCheckpoint.read(hostile("wrong-shape.pth")).network(network("kerneldna")))
        .hasMessageContaining("[1, 192, 1, 1, 1]")
        .hasMessageContaining("[2, 192, 1, 1, 1]");
  }

  private static Path hostile(String file) {
    return CHECKPOINTS.resolve("hostile").resolve(file);
  }

  private static String tensor(String file) throws IOException {
    return entry("hostile", "hostile/" + file).get("tensor").asText();
  }

  private static void assertRefused(Path file, String... saying) {
    assertThatThrownBy(() -> TorchCheckpoint.read(file))
        .isInstanceOf(CheckpointException.class)
        .message()
        .startsWith(file.toString())
        .contains(saying);
  }

  private static Map<String, long[]> network(String variant) {
    return Architecture.MOBILENET_V2_1D2
        .builder(variant.equals("kerneldna"))
        .build()
        .stateDict()
        .shapes();
  }

  /** No further than half the distance of two neighbours. */
  private static void assertRoundedToHalf(String name, Tensor tensor) {
    float[] values = tensor.toFloats();
    float[] exact = FillingRule.values(name, tensor.shape());
    for (int i = 0; i < values.length; i++) {
      float distance = Math.scalb(1f, Math.max(-14, Math.getExponent(exact[i])) - 10);
      assertThat(Math.abs(values[i] - exact[i])).as(name).isLessThanOrEqualTo(distance / 2);
    }
  }

  private static void assertMomentum(
      Map<String, Tensor> network, List<Map<String, Tensor>> states, JsonNode norms) {
    List<String> parameters = new ArrayList<>();
    norms.fieldNames().forEachRemaining(parameters::add);
    assertThat(states).hasSameSizeAs(parameters);
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Tensor buffer = states.get(i).get("momentum_buffer");
      assertThat(buffer.shape()).isEqualTo(network.get(name).shape());
      double norm = Math.sqrt(Arrays.stream(buffer.toDoubles()).map(v -> v * v).sum());
      double expected = norms.get(name).asDouble();
      // PyTorch summed in float32, which loses a little with every number.
      double tolerance = 1e-5 + buffer.length() * 0x1p-31;
      assertThat(norm).as(name).isCloseTo(expected, within(tolerance * expected));
    }
  }
}
