package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.torch.Pickles.fourFloats;
import static org.kerneldna.torch.Pickles.pickle;
import static org.kerneldna.torch.Pickles.tensor;
import static org.kerneldna.torch.Pickles.zip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.Pickles.Raw;

/** What is made of the dictionary that a training program saved. */
class TorchCheckpointTest {

  private static final Map<String, ?> SGD =
      Map.of("lr", 0.1, "momentum", 0.9, "dampening", 0, "weight_decay", 1e-4);
  private static final Raw NUMBER = tensor(4, 2, new Object[0], new Object[0]);

  private static final long[] SHAPE = {2, 2};

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

    assertThat(checkpoint.network(Map.of("w", SHAPE)).tensors()).containsOnlyKeys("w");
    assertThat(checkpoint.epoch()).hasValue(3L);
    assertThat(checkpoint.arch()).hasValue("resnet18");
    assertThat(checkpoint.bestAcc1()).hasValue(3);
    assertThat(checkpoint.schedulers())
        .containsExactly(Map.of("last_epoch", 3L, "base_lrs", List.of(0.1)));
    assertThat(checkpoint.optimizers()).hasSize(1);
    assertThat(checkpoint.optimizers().get(0).kind()).isEqualTo(TorchOptimizer.Kind.SGD);
    TorchOptimizer.Group sgd = checkpoint.optimizers().get(0).groups().get(0);
    assertThat(sgd.options()).containsEntry("lr", 0.1).containsEntry("weight_decay", 1e-4);
    assertThat(sgd.states().get(0).get("momentum_buffer").toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(sgd.states().get(1)).isEmpty();
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
    assertThat(checkpoint.optimizers().get(0).kind()).isEqualTo(TorchOptimizer.Kind.OTHER);
    assertThat(checkpoint.schedulers()).isEmpty();
  }

  @Test
  void whatIsOfAnotherTypeIsNotTaken() throws IOException {
    Map<String, Object> saved = new HashMap<>(Map.of("state_dict", Map.of("w", tensor())));
    saved.put("epoch", "three");
    saved.put("arch", 18);
    saved.put("best_acc1", tensor());
    saved.put("scheduler", List.of());
    saved.put("optimizer", Map.of("param_groups", Arrays.asList(1, null, SGD)));
    TorchCheckpoint checkpoint = read(saved);
    assertThat(checkpoint.epoch()).isEmpty();
    assertThat(checkpoint.arch()).isEmpty();
    assertThat(checkpoint.bestAcc1()).isEmpty();
    assertThat(checkpoint.schedulers()).isEmpty();
    assertThat(checkpoint.optimizers().get(0).parameters()).isZero();
  }

  /** PyTorch's networks before 0.4 had none, and wrappers have some of their own. */
  @Test
  void countersMayBeMissingAndThoseOfOthersAreLeftOut() throws IOException {
    TorchCheckpoint checkpoint =
        read(
            Map.of("w", tensor(), "bn.num_batches_tracked", NUMBER, "num_batches_tracked", NUMBER));
    Map<String, long[]> network =
        Map.of("w", SHAPE, "bn.num_batches_tracked", new long[0], "no.num_batches_tracked", SHAPE);
    assertThat(checkpoint.network(network).tensors())
        .containsOnlyKeys("w", "bn.num_batches_tracked");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "module.", "_orig_mod.", "model.", "net.", "module._orig_mod.", "their.own."})
  void findsANetworkInAnyContainerAndUnderAnyPrefix(String prefix) throws IOException {
    Map<String, Object> names =
        new LinkedHashMap<>(
            Map.of(
                prefix + "a.w",
                tensor(),
                prefix + "b.w",
                tensor(),
                prefix + "b.count",
                "no tensor"));
    String plain = prefix.replace("_orig_mod.", "");
    if (!plain.isEmpty()) {
      names.put("n_averaged", NUMBER);
      names.put("criterion.w", tensor());
    }
    Map<String, long[]> network = Map.of("a.w", SHAPE, "b.w", SHAPE);
    assertFound(read(names), network, plain);
    for (String key : new String[] {"model", "state_dict", "model_state_dict", "net", "theirs"}) {
      assertFound(read(Map.of(key, names, "rng", tensor())), network, key + "." + plain);
      assertFound(
          read(Map.of("a", List.of(Map.of(key, names)))), network, "a.0." + key + "." + plain);
    }
  }

  private static void assertFound(
      TorchCheckpoint checkpoint, Map<String, long[]> network, String start) {
    TorchNetwork found = checkpoint.network(network);
    assertThat(found.tensors()).containsOnlyKeys("a.w", "b.w");
    assertThat(found.key() + (start.isEmpty() ? "" : ".")).isEqualTo(start);
    assertThat(found.others()).isEmpty();
  }

  @Test
  void compiledPartsOfANetwork() throws IOException {
    TorchCheckpoint checkpoint = read(Map.of("layer1._orig_mod.0.w", tensor(), "b", tensor()));
    assertThat(checkpoint.stateDict()).containsOnlyKeys("layer1.0.w", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict_ema", "model_ema", "ema", "ema_state_dict"})
  void ofSeveralNetworksTheMeanIsTakenUnlessAKeyIsGiven(String mean) throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put("schema", Map.of("module.w", tensor()));
    saved.put(mean, Map.of("module.w", tensor()));
    saved.put("rng", NUMBER);
    TorchCheckpoint checkpoint = read(saved);
    Map<String, long[]> network = Map.of("w", SHAPE);
    TorchNetwork found = checkpoint.network(network);
    assertThat(found.key()).isEqualTo(mean + ".module");
    assertThat(found.others()).containsExactly("schema.module");
    for (String key : new String[] {"schema", "schema.module"}) {
      TorchNetwork chosen = checkpoint.at(key).network(network);
      assertThat(chosen.key()).isEqualTo("schema.module");
      assertThat(chosen.others()).isEmpty();
    }
    assertThatThrownBy(() -> checkpoint.at("sch"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("net.pth has no tensors at \"sch\"", "\"schema\"", mean);
  }

  @Test
  void comparesWithANetwork() throws IOException {
    TorchCheckpoint checkpoint =
        read(Map.of("w", tensor(), "bn.num_batches_tracked", NUMBER, "v", "text"));
    assertThat(checkpoint.network(Map.of("w", SHAPE)).key()).isEmpty();
    checkpoint.network(Map.of("w", SHAPE, "bn2.num_batches_tracked", new long[0]));
    assertUnfit(checkpoint, Map.of("w", SHAPE, "u", SHAPE), "tensor \"u\" is missing");
    assertUnfit(checkpoint, Map.of("w", SHAPE, "v", SHAPE), "\"v\" is no tensor, but \"str\"");
    assertUnfit(checkpoint, Map.of(), "the network has no tensor \"w\"");
    assertUnfit(
        checkpoint,
        Map.of("w", new long[] {4}),
        "tensor \"w\" has shape [2, 2], and [4] in the network");
  }

  private static void assertUnfit(
      TorchCheckpoint checkpoint, Map<String, long[]> network, String saying) {
    assertThatThrownBy(() -> checkpoint.network(network))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("net.pth: " + saying);
  }

  private TorchCheckpoint read(Map<String, ?> saved) throws IOException {
    return TorchCheckpoint.read(
        Files.write(folder.resolve("net.pth"), zip(pickle(saved), fourFloats())));
  }
}
