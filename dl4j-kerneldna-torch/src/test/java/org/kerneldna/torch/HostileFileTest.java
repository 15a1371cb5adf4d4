package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.torch.CheckpointFiles.SMALL;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded files that must be refused: by a line that says why, and with nothing run. */
class HostileFileTest {

  private static final Path HOSTILE = SMALL.resolve("hostile");

  /** What the commands in the files would make. */
  private static final Path TRACE = Path.of("/tmp/PWNED-golden");

  @BeforeEach
  @AfterEach
  void nothingRan() {
    assertThat(TRACE).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"runs-code.pth", "runs-code-legacy-format.pth", "runs-code-bare-pickle.pth"})
  void namesTheFunctionItRefuses(String file) {
    assertRefused(HOSTILE.resolve(file), file, "\"posix.system\"");
  }

  @Test
  void saysThatItIsNoCheckpoint() {
    assertRefused(HOSTILE.resolve("empty.pth"), "empty.pth: is empty");
    assertRefused(HOSTILE.resolve("not-a-checkpoint.pth"), "neither a file of torch.save nor");
  }

  @Test
  void saysThatThereIsNoFile(@TempDir Path folder) {
    assertRefused(folder.resolve("none.pth"), "none.pth", "no such file");
  }

  @Test
  void saysThatItIsAFolder(@TempDir Path folder) {
    assertRefused(folder, "cannot be read");
  }

  @Test
  void everyCutIsRefused(@TempDir Path folder) throws Exception {
    for (String name : new String[] {"tensor-kinds.pth", "tensor-kinds-legacy-format.pth"}) {
      byte[] whole = Files.readAllBytes(SMALL.resolve(name));
      Path cut = folder.resolve(name);
      for (int length = 0; length < whole.length; length += 31) {
        Files.write(cut, Arrays.copyOf(whole, length));
        assertRefused(cut, name);
      }
    }
  }

  static void assertRefused(Path file, String... saying) {
    assertThatThrownBy(() -> TorchCheckpoint.read(file))
        .isInstanceOf(CheckpointException.class)
        .message()
        .startsWith(file.toString())
        .doesNotContain("\n")
        .satisfies(message -> assertThat(List.of(saying)).allMatch(message::contains));
  }
}
