package org.kerneldna.train.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The rows of a NumPy file of 32-bit floats, a few at a time. ND4J's own reader holds the whole
 * file in memory, and takes what lies behind it for the values that a truncated file lacks.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
 *     format</a>
 */
public final class NpyRows implements AutoCloseable {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy itself reads no longer headers. */
  private static final int LONGEST_HEADER = 10_000;

  private static final Pattern SHAPE =
      Pattern.compile("'shape':\\(((?:\\d{1,9},)*(?:\\d{1,9})?)\\)");

  private final Path file;
  private final FileChannel channel;
  private final long[] shape;

  private NpyRows(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    String header = header().replaceAll("\\s", "");
    require(header, "'descr':'<f4'", "save x.astype(numpy.float32)");
    require(header, "'fortran_order':False", "save numpy.ascontiguousarray(x)");
    shape = shape(header);
    requireAllValues();
  }

  /**
   * Opens a file whose values are little-endian 32-bit floats in C order.
   *
   * @throws InputException if it is missing, truncated or another kind of file
   */
  public static NpyRows open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + " is not a file: give one that numpy.save wrote");
    }
    try {
      FileChannel channel = FileChannel.open(file);
      try {
        return new NpyRows(file, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (EOFException e) {
      throw notNpy(file, e);
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
  }

  /**
   * Writes an array of floats as a file of this kind, however it lies in memory.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(INDArray array, Path file) throws IOException {
    // ND4J takes what lies at the start of the buffer, whatever the offset and the strides.
    Nd4j.writeAsNumpy(array.dup('c'), file.toFile());
  }

  /** The array's shape; its first number is that of the rows. */
  public long[] shape() {
    return shape.clone();
  }

  /**
   * The next rows, [count, ...].
   *
   * @param count at least 1, and no more than are left
   * @throws InputException if the file cannot be read
   */
  public INDArray next(int count) {
    INDArray[] rows = new INDArray[count];
    try {
      for (int i = 0; i < count; i++) {
        rows[i] = row();
      }
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e, e);
    }
    return Nd4j.stack(0, rows);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + " cannot be closed: " + e, e);
    }
  }

  private INDArray row() throws IOException {
    long[] rowShape = Arrays.copyOfRange(shape, 1, shape.length);
    float[] values = new float[Math.toIntExact(Arrays.stream(rowShape).reduce(1, (a, b) -> a * b))];
    read(Math.multiplyExact(values.length, Float.BYTES)).asFloatBuffer().get(values);
    return Nd4j.create(values, rowShape, 'c');
  }

  private String header() throws IOException {
    ByteBuffer start = read(MAGIC.length + 2);
    byte[] magic = new byte[MAGIC.length];
    start.get(magic);
    int version = start.get();
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 3) {
      throw notNpy(file, null);
    }
    int length = version == 1 ? Short.toUnsignedInt(read(2).getShort()) : read(4).getInt();
    if (length < 0 || length > LONGEST_HEADER) {
      throw notNpy(file, null);
    }
    return StandardCharsets.UTF_8.decode(read(length)).toString();
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the file ends early");
      }
    }
    return bytes.flip();
  }

  private void require(String header, String field, String remedy) {
    if (!header.contains(field)) {
      throw new InputException(
          "%s holds %s: needs little-endian 32-bit floats in C order, %s"
              .formatted(file, header, remedy));
    }
  }

  private long[] shape(String header) {
    Matcher matcher = SHAPE.matcher(header);
    if (!matcher.find()) {
      throw notNpy(file, null);
    }
    return Arrays.stream(matcher.group(1).split(","))
        .filter(number -> !number.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }

  private void requireAllValues() throws IOException {
    // Not as a whole number, which damaged dimensions could overflow.
    double wanted = Arrays.stream(shape).asDoubleStream().reduce(Float.BYTES, (a, b) -> a * b);
    if (wanted > channel.size() - channel.position()) {
      throw new InputException(
          "%s is truncated, its shape is %s: save it again"
              .formatted(file, Arrays.toString(shape)));
    }
  }

  private static InputException notNpy(Path file, Throwable cause) {
    return new InputException(file + " is not a .npy file: give one that numpy.save wrote", cause);
  }
}
