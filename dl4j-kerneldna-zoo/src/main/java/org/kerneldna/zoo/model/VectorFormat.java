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
   * The numbers, in the shape of the file: [length], [1, length] or [length, 1].
   *
   * @param bytes how many there are in the stream
   * @throws IOException if the stream says other than this length, or does not end with it
   */
  INDArray read(DataInputStream in, long bytes) throws IOException {
    Header shapeHeader = Header.read(in);
    require(shapeHeader.type == DataType.LONG, "no shape");
    long[] shape = readShape(in, shapeHeader.count);
    Header header = Header.read(in);
    require(TYPES.contains(header.type), "numbers of type " + header.type);
    require(header.count == length, header.count + " numbers, not " + length);
    long expected =
        shapeHeader.bytes
            + shapeHeader.count * Long.BYTES
            + header.bytes
            + length * header.type.width();
    require(bytes == expected, bytes + " bytes, not " + expected);
    DataBuffer numbers = Nd4j.createBuffer(header.type, length, false);
    numbers.read(in, DataBuffer.AllocationMode.MIXED_DATA_TYPES, length, header.type);
    return Nd4j.create(numbers, shape);
  }

  /** Rank and sides; strides and flags are what ND4J makes of them itself. */
  private long[] readShape(DataInputStream in, long count) throws IOException {
    long rank = in.readLong();
    require(rank >= 1 && rank <= MOST_RANK, "rank " + rank + ", not 1 or 2");
    require(count == 1 + 2 * rank + FLAGS, "a shape of another length than its rank");
    long[] shape = new long[(int) rank];
    long product = 1;
    for (int i = 0; i < rank; i++) {
      shape[i] = in.readLong();
      require(shape[i] == 1 || shape[i] == length, "a side of " + shape[i] + ", not " + length);
      product *= shape[i];
    }
    require(product == length, "another shape than " + length + " numbers");
    in.skipNBytes((rank + FLAGS) * Long.BYTES);
    return shape;
  }

  /** What stands before each buffer: its kind of allocation, its length and its type. */
  private record Header(long count, DataType type, int bytes) {

    static Header read(DataInputStream in) throws IOException {
      String kind = in.readUTF();
      long count = in.readLong();
      String type = in.readUTF();
      int bytes = 2 * Short.BYTES + kind.length() + Long.BYTES + type.length();
      return new Header(count, VectorFormat.type(type), bytes);
    }
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
