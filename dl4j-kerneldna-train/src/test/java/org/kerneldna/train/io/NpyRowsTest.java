package org.kerneldna.train.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.layers.Views;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NpyRowsTest {

  private static final String FLOATS =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";

  @TempDir Path folder;

  /** A file of the format's version 1, 2 or 3 with values 0, 1, ... */
  private Path npy(int version, String header, int values) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + 4 * values);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93).put("NUMPY".getBytes());
    bytes.put((byte) version).put((byte) 0);
    bytes = version == 1 ? bytes.putShort((short) text.length) : bytes.putInt(text.length);
    bytes.put(text);
    for (int i = 0; i < values; i++) {
      bytes.putFloat(i);
    }
    return write(Arrays.copyOf(bytes.array(), bytes.position()));
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.npy"), bytes);
  }

  @Test
  void rowsComeInOrder() throws IOException {
    Path file = folder.resolve("x.npy");
    INDArray all = Nd4j.rand(DataType.FLOAT, 5, 3, 2, 4);
    NpyRows.write(all, file);
    try (NpyRows rows = NpyRows.open(file)) {
      assertThat(rows.shape()).containsExactly(5, 3, 2, 4);
      INDArray first = rows.next(2);
      assertThat(first.shape()).containsExactly(2, 3, 2, 4);
      assertThat(Nd4j.concat(0, first, rows.next(3))).isEqualTo(all);
    }
  }

  @ParameterizedTest
  @EnumSource
  void writesWhatArraysHoldHoweverTheyLie(Views view) throws IOException {
    Path file = folder.resolve("x.npy");
    INDArray array = view.of(Nd4j.rand(DataType.FLOAT, 5, 3, 2, 4));
    NpyRows.write(array, file);
    try (NpyRows rows = NpyRows.open(file)) {
      assertThat(rows.next(5)).isEqualTo(Views.dense(array));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyVersionOfTheFormatIsRead(int version) throws IOException {
    try (NpyRows rows = NpyRows.open(npy(version, FLOATS, 6))) {
      assertThat(rows.next(3))
          .isEqualTo(Nd4j.createFromArray(new float[][] {{0, 1}, {2, 3}, {4, 5}}));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'<f8' | False | save x.astype(numpy.float32)",
        "'>f4' | False | save x.astype(numpy.float32)",
        "[('a', '<f4')] | False | save x.astype(numpy.float32)",
        "'<f4' | True | save numpy.ascontiguousarray(x)"
      })
  void anotherTypeOrOrderIsRefusedWithTheRemedy(String type, String fortran, String remedy)
      throws IOException {
    String header = "{'descr': %s, 'fortran_order': %s, 'shape': (3, 2), }";
    assertRefused(npy(1, header.formatted(type, fortran), 12), "x.npy holds {'descr':", remedy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(3, 2, 999999999, 999999999, 999999999, 999999999)", "(7,)"})
  void aTruncatedFileIsRefused(String shape) throws IOException {
    Path file = npy(1, FLOATS.replace("(3, 2)", shape), 6);
    assertRefused(file, "x.npy is truncated", "save it again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(-3, 2)", "(99999999999999999999, 2)", "3", "(3; 2)"})
  void aShapeThatIsNoneIsRefused(String shape) throws IOException {
    assertRefused(npy(1, FLOATS.replace("(3, 2)", shape), 6), "is not a .npy file");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(npy(1, FLOATS, 6));
    for (int length : new int[] {0, 5, 8, 9, 30}) {
      assertRefused(write(Arrays.copyOf(good, length)), "is not a .npy file");
    }
    assertRefused(write("images, not an array".getBytes()), "is not a .npy file");
    assertRefused(npy(9, FLOATS, 6), "is not a .npy file");
    byte[] endless = Files.readAllBytes(npy(2, FLOATS, 6));
    Arrays.fill(endless, 8, 12, (byte) 0x7f);
    assertRefused(write(endless), "is not a .npy file");
    assertRefused(folder.resolve("missing.npy"), "missing.npy is not a file");
    assertRefused(folder, "is not a file");
  }

  private static void assertRefused(Path file, String... message) {
    assertThatThrownBy(() -> NpyRows.open(file))
        .isInstanceOf(InputException.class)
        .message()
        .startsWith(file.toString())
        .contains(message)
        .hasLineCount(1);
  }
}
