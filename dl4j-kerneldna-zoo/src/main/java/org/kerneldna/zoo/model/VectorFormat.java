package org.kerneldna.zoo.model;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.Set;
import lombok.RequiredArgsConstructor;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A row of numbers as {@link Nd4j#write} writes it: a buffer of shape, strides and flags, then a
 * buffer of the numbers. Each has its kind of allocation, its length and its type before it, which
 * ND4J would believe; here they must be what the length in hand implies, and strides and flags are
 * passed over.
 */
@RequiredArgsConstructor
final class VectorFormat {

  private static final Set<DataType> TYPES =
      Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.HALF, DataType.BFLOAT16);

  /** All but the numbers: two names and a length twice, and the longs of a shape of rank 2. */
  private static final int MOST_BYTES_OF_HEADERS = 256;

  private static final int MOST_RANK = 2;
  private static final int FLAGS = 3;

  private final long length;

  long leastBytes() {
    return length * DataType.HALF.width();
  }

  long mostBytes() {
    return Math.addExact(
        Math.multiplyExact(length, DataType.DOUBLE.width()), MOST_BYTES_OF_HEADERS);
  }

  /**
   * The numbers, with shape [1, length].
   *
   * @param bytes how many there are in the stream
   * @throws IOException if the stream says other than this length, or does not end with it
   */
  INDArray read(DataInputStream in, long bytes) throws IOException {
    long shapeBytes = readShape(in);
    String kind = in.readUTF();
    long count = in.readLong();
    DataType type = type(in.readUTF());
    require(TYPES.contains(type), "numbers of type " + type);
    require(count == length, count + " numbers, not " + length);
    long headers = shapeBytes + 2 + kind.length() + Long.BYTES + 2 + type.name().length();
    require(bytes - headers == length * type.width(), "more or fewer bytes than its numbers take");
    DataBuffer numbers = Nd4j.createBuffer(type, length, false);
    numbers.read(in, DataBuffer.AllocationMode.MIXED_DATA_TYPES, length, type);
    return Nd4j.create(numbers, new long[] {1, length});
  }

  private long readShape(DataInputStream in) throws IOException {
    String kind = in.readUTF();
    long count = in.readLong();
    DataType type = type(in.readUTF());
    long rank = in.readLong();
    require(type == DataType.LONG && rank >= 1 && rank <= MOST_RANK, "no row of numbers");
    require(count == 1 + 2 * rank + FLAGS, "a shape of another length than its rank");
    long product = 1;
    for (int i = 0; i < rank; i++) {
      long side = in.readLong();
      require(side == 1 || side == length, "a side of " + side + ", not " + length);
      product *= side;
    }
    require(product == length, "another shape than " + length + " numbers");
    in.skipNBytes((rank + FLAGS) * Long.BYTES);
    return 2 + kind.length() + Long.BYTES + 2 + type.name().length() + count * Long.BYTES;
  }

  private static DataType type(String name) throws IOException {
    try {
      return DataType.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException("no type of numbers: " + name, e);
    }
  }

  private static void require(boolean condition, String what) throws IOException {
    if (!condition) {
      throw new IOException("it has " + what);
    }
  }
}
