package org.kerneldna.zoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.zoo.checkpoint.Pickles.fourFloats;
import static org.kerneldna.zoo.checkpoint.Pickles.pickle;
import static org.kerneldna.zoo.checkpoint.Pickles.tensor;
import static org.kerneldna.zoo.checkpoint.Pickles.zip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.zoo.checkpoint.Pickles.Raw;

/** What is made of the dictionary that a training program saved. */
class TorchCheckpointTest {

  private static final Map<String, ?> SGD =
      Map.of("lr", 0.1, "momentum", 0.9, "dampening", 0, "weight_decay", 1e-4);
  private static final Raw NUMBER = tensor(4, 2, new Object[0], new Object[0]);

  @TempDir Path folder;

  @Test
  void everythingThatWasSaved() throws IOException {
    Map<String, Object> group = new HashMap<>(SGD);
    group.put("params", List.of(1, 0));
    TorchCheckpoint checkpoint =
        read(
            Map.of(
                "state_dict",
                Map.of("module.w", tensor()),
                "epoch",
                3,
                "arch",
                "resnet18",
                "best_acc1",
                NUMBER,
                "optimizer",
                Map.of(
                    "state", Map.of(1, Map.of("momentum_buffer", tensor())),
                    "param_groups", List.of(group)),
                "scheduler",
                Map.of("last_epoch", 3, "base_lrs", List.of(0.1))));

    assertThat(checkpoint.stateDict()).containsOnlyKeys("w");
    assertThat(checkpoint.epoch()).hasValue(3);
    assertThat(checkpoint.arch()).hasValue("resnet18");
    assertThat(checkpoint.bestAcc1()).hasValue(3);
    assertThat(checkpoint.scheduler())
        .containsOnly(Map.entry("last_epoch", 3L), Map.entry("base_lrs", List.of(0.1)));
    TorchCheckpoint.ParameterGroup sgd = checkpoint.optimizer().get(0);
    assertThat(List.of(sgd.lr(), sgd.momentum(), sgd.weightDecay()))
        .containsExactly(0.1, 0.9, 1e-4);
    assertThat(sgd.momentumBuffers().get(0).orElseThrow().toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(sgd.momentumBuffers().get(1)).isEmpty();
  }

  @Test
  void onlyWhatIsThere() throws IOException {
    Map<String, Object> saved = new HashMap<>(Map.of("state_dict", Map.of("w", tensor())));
    saved.put("arch", null);
    saved.put("best_acc1", 7.5);
    saved.put("optimizer", Map.of("state", Map.of(), "param_groups", List.of(Map.of("lr", 1.0))));
    TorchCheckpoint checkpoint = read(saved);
    assertThat(checkpoint.epoch()).isEmpty();
    assertThat(checkpoint.arch()).isEmpty();
    assertThat(checkpoint.bestAcc1()).hasValue(7.5);
    assertThat(checkpoint.optimizer()).as("Adam's, for one").isEmpty();
    assertThat(checkpoint.scheduler()).isEmpty();
  }

  @Test
  void whatIsOfTheWrongType() {
    assertRefused("epoch", "three", "\"epoch\" should be a Long");
    assertRefused("best_acc1", tensor(), "\"best_acc1\" should be a Number");
    assertRefused("scheduler", List.of(), "\"scheduler\" should be a Map");
    assertRefused("optimizer", Map.of("param_groups", List.of()), "\"state\" is missing");
    Map<String, ?> noParams = Map.of("state", Map.of(), "param_groups", List.of(SGD));
    assertRefused("optimizer", noParams, "\"params\" is missing");
    Map<String, ?> noGroup = Map.of("state", Map.of(), "param_groups", Arrays.asList(1, null));
    assertRefused("optimizer", noGroup, "a parameter group is no dictionary");
  }

  @Test
  void comparesWithANetwork() throws IOException {
    TorchCheckpoint checkpoint = read(Map.of("w", tensor(), "bn.num_batches_tracked", NUMBER));
    long[] shape = {2, 2};
    checkpoint.requireShapes(Map.of("w", shape));
    checkpoint.requireShapes(Map.of("w", shape, "bn2.num_batches_tracked", new long[0]));
    assertThatThrownBy(() -> checkpoint.requireShapes(Map.of("w", shape, "v", shape)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("net.pth: tensor \"v\" is missing");
    assertThatThrownBy(() -> checkpoint.requireShapes(Map.of()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("net.pth: the network has no tensor \"w\"");
    assertThatThrownBy(() -> checkpoint.requireShapes(Map.of("w", new long[] {4})))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("net.pth: tensor \"w\" has shape [2, 2], and [4] in the network");
  }

  private void assertRefused(String key, Object value, String saying) {
    assertThatThrownBy(() -> read(Map.of("state_dict", Map.of("w", tensor()), key, value)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("net.pth: ")
        .hasMessageContaining(saying);
  }

  private TorchCheckpoint read(Map<String, ?> saved) throws IOException {
    return TorchCheckpoint.read(
        Files.write(folder.resolve("net.pth"), zip(pickle(saved), fourFloats())));
  }
}
