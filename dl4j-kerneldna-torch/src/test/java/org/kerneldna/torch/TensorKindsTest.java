package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.torch.CheckpointFiles.SMALL;
import static org.kerneldna.torch.CheckpointFiles.longs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every type and every way to lie in a storage, in both formats of torch.save. */
class TensorKindsTest {

  private static final JsonNode KINDS =
      CheckpointFiles.entry("files", "tensor-kinds.pth").get("tensors");

  static Stream<Arguments> kinds() {
    return Stream.of("tensor-kinds.pth", "tensor-kinds-legacy-format.pth")
        .flatMap(
            file ->
                CheckpointFiles.list(KINDS)
                    .map(kind -> Arguments.of(file, kind.get("name").asText(), kind)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("kinds")
  void isAsPyTorchHasIt(String file, String name, JsonNode kind) {
    Tensor tensor = TorchCheckpoint.read(SMALL.resolve(file)).stateDict().get(name);

    assertThat(tensor.dtype()).isEqualTo(DType.valueOf(kind.get("dtype").asText().toUpperCase()));
    assertThat(tensor.shape()).containsExactly(longs(kind.get("shape")));
    float[] expected = CheckpointFiles.npy(SMALL.resolve(kind.get("file").asText()));
    assertThat(tensor.length()).isEqualTo(expected.length);
    assertThat(bits(tensor.toFloats())).containsExactly(bits(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tensor-kinds.pth", "tensor-kinds-legacy-format.pth"})
  void allAreThereInTheFilesOrder(String file) {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(SMALL.resolve(file));
    assertThat(checkpoint.stateDict().keySet())
        .containsExactlyElementsOf(
            CheckpointFiles.list(KINDS).map(kind -> kind.get("name").asText()).toList());
    assertThat(checkpoint.epoch()).isEmpty();
    assertThat(checkpoint.optimizers()).isEmpty();
  }

  @Test
  void doublesAreExactWhereFloatsAreNot() {
    Map<String, Tensor> tensors =
        TorchCheckpoint.read(SMALL.resolve("tensor-kinds.pth")).stateDict();
    assertThat(tensors.get("int64").toDoubles()).containsExactly(-5, 0, 1099511627776L);
    Tensor doubles = tensors.get("float64");
    assertThat(doubles.toDoubles()[0]).isNotEqualTo(doubles.toFloats()[0]);
    assertThat((float) doubles.toDoubles()[0]).isEqualTo(doubles.toFloats()[0]);
  }

  private static int[] bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToIntBits(values[i])).toArray();
  }
}
