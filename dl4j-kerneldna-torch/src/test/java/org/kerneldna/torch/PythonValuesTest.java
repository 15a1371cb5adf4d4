package org.kerneldna.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Python's own pickle module writes of everything that programs save beside tensors, in every
 * protocol: {@code python_values.py} in the resources made the files.
 */
class PythonValuesTest {

  private static final Path FILES = Path.of("src/test/resources/checkpoints/python-values");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void areInertBesideTensors(int protocol) throws IOException {
    byte[] pickle = Files.readAllBytes(FILES.resolve("protocol" + protocol + ".pkl"));
    Map<String, byte[]> entries =
        Map.of("net/data.pkl", pickle, "net/data/0", Pickles.fourFloats());
    Path file = folder.resolve("net.pth");
    Files.write(file, Pickles.zip(entries, ZipEntry.STORED));

    TorchCheckpoint checkpoint = TorchCheckpoint.read(file);

    assertThat(checkpoint.stateDict().get("w").toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(checkpoint.epoch()).as("a NumPy int64").hasValue(9L);
    assertThat(checkpoint.bestAcc1()).as("a NumPy float32").hasValue(70.5);
    Map<String, Object> values = checkpoint.schedulers().get(0);
    assertThat(values)
        .containsEntry("int8", -3L)
        .containsEntry("uint16", 65535L)
        .containsEntry("float16", 0.5)
        .containsEntry("float64", 0.1)
        .containsEntry("big_endian", 0.25)
        .containsEntry("large", 1L << 40)
        .containsEntry("text", "\u00fc\n'\"\\")
        .containsEntry("list", List.of(1L, 2.5, true))
        .containsEntry("defaultdict", Map.of("a", 1L))
        .containsEntry("ordered", Map.of("a", 1L, "b", 2L))
        .containsEntry("decimal", new Opaque("decimal.Decimal"))
        .containsEntry("datetime", new Opaque("datetime.datetime"))
        .containsEntry("fraction", new Opaque("fractions.Fraction"))
        .containsEntry("function", new Opaque("__main__.function"));
    assertThat(values)
        .hasEntrySatisfying("complex", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("counter", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("bytes", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("bytearray", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("array", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("path", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("uuid", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("enum", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("namespace", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("object", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("slots", PythonValuesTest::isOpaque)
        .hasEntrySatisfying("partial", PythonValuesTest::isOpaque)
        .containsKeys("set", "frozenset", "deque", "none_type", "rng", "numpy_rng");
  }

  private static void isOpaque(Object value) {
    assertThat(value).isInstanceOf(Opaque.class);
  }
}
