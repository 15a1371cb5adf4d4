package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.torch.CheckpointFiles.SMALL;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of damaged files: each is read or refused, at once and without much memory. */
@Timeout(120)
class MutatedFileTest {

  private static final int MUTATIONS = 500;

  /** Loading classes for the first time takes half of it. */
  private static final long MOST_MEMORY = 32 << 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tensor-kinds.pth",
        "tensor-kinds-legacy-format.pth",
        "hostile/runs-code.pth",
        "hostile/runs-code-legacy-format.pth",
        "hostile/runs-code-bare-pickle.pth"
      })
  void torchFiles(String name) throws IOException {
    byte[] original = Files.readAllBytes(SMALL.resolve(name));
    Random random = new Random(1);
    for (int i = 0; i < MUTATIONS; i++) {
      read(mutated(original, random));
    }
  }

  /** The pickle alone, in a zip whose checksums are right. */
  @Test
  void picklesInSoundZips() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(SMALL.resolve("tensor-kinds.pth").toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    byte[] pickle = entries.get("tensor-kinds/data.pkl");
    Random random = new Random(2);
    for (int i = 0; i < MUTATIONS; i++) {
      Map<String, byte[]> damaged = new HashMap<>(entries);
      damaged.put("tensor-kinds/data.pkl", mutated(pickle, random));
      read(Pickles.zip(damaged, ZipEntry.STORED));
    }
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("kinds.safetensors");
    Safetensors.write(
        file, TorchCheckpoint.read(SMALL.resolve("tensor-kinds.pth")).stateDict(), Map.of());
    byte[] original = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < MUTATIONS; i++) {
      read(mutated(original, random));
    }
  }

  private void read(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("damaged"), bytes);
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      TorchCheckpoint.read(file).stateDict().values().forEach(Tensor::toFloats);
    } catch (CheckpointException e) {
      assertThat(e).message().startsWith(file.toString()).doesNotContain("\n");
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_MEMORY);
  }

  /** A cut, a piece moved elsewhere, or a few other bytes. */
  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(8)) {
      case 0:
        return Arrays.copyOf(bytes, at);
      case 1:
        int from = random.nextInt(bytes.length);
        int length = random.nextInt(bytes.length - Math.max(at, from));
        System.arraycopy(original, from, bytes, at, length);
        return bytes;
      default:
        for (int n = random.nextInt(4); n >= 0; n--) {
          bytes[random.nextInt(bytes.length)] = interesting(random);
        }
        return bytes;
    }
  }

  /** Any byte, or one of those that pickles and sizes are made of. */
  private static byte interesting(Random random) {
    String opcodes = "\u00ff\0\177\u0080().0123abcdehijlopqrstu}]QRKMJNX\u0081\u0085\u008a\u0093";
    return (byte)
        (random.nextBoolean()
            ? random.nextInt(256)
            : opcodes.charAt(random.nextInt(opcodes.length())));
  }
}
