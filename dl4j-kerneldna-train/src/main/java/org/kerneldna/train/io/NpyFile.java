package org.kerneldna.train.io;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lombok.experimental.UtilityClass;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays of float32 in files of NumPy's, in C order. ND4J reads and writes them; its natives end
 * the process at some malformed headers, so these are checked before.
 */
@UtilityClass
public class NpyFile {

  private final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private final int HEADER_START = MAGIC.length + 4;
  private final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(([0-9, ]+)\\), \\}\\s*");

  /**
   * Reads an array.
   *
   * @throws InputException if the file is missing, truncated, or no array of float32 in C order
   */
  public INDArray read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + " is not a file: give one that numpy.save wrote");
    }
    try {
      long[] shape = shape(file);
      return Nd4j.createFromNpyFile(file.toFile()).dup('c').reshape('c', shape);
    } catch (IOException | ArithmeticException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /**
   * Writes an array as float32 in C order.
   *
   * @throws InputException if the file cannot be written
   */
  public void write(Path file, INDArray array) {
    INDArray ordered = array.dup('c');
    AtomicFile.write(file, temporary -> Nd4j.writeAsNumpy(ordered, temporary.toFile()));
  }

  private long[] shape(Path file) throws IOException {
    String text = header(file);
    Matcher header = HEADER.matcher(text);
    if (!header.matches()) {
      throw new InputException(
          file + " holds other than float32 in C order: give array.astype('float32', 'C')");
    }
    long[] shape =
        Arrays.stream(header.group(1).split(","))
            .map(String::strip)
            .filter(size -> !size.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    long expected = Float.BYTES * Arrays.stream(shape).reduce(1, Math::multiplyExact);
    long actual = Files.size(file) - HEADER_START - text.length();
    if (actual != expected) {
      throw new InputException(
          "%s has %d bytes of numbers where shape %s needs %d: write it again"
              .formatted(file, actual, Arrays.toString(shape), expected));
    }
    return shape;
  }

  private String header(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      boolean known = Arrays.equals(in.readNBytes(MAGIC.length), MAGIC) && in.readShort() == 0x100;
      if (!known) {
        throw new InputException(file + " is no .npy file of version 1: write it by numpy.save");
      }
      byte[] text = new byte[Short.reverseBytes(in.readShort()) & 0xffff];
      in.readFully(text);
      return new String(text, StandardCharsets.ISO_8859_1);
    } catch (EOFException e) {
      throw new InputException(file + " ends within its header: write it again", e);
    }
  }
}
