package org.kerneldna.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor of a checkpoint. It keeps the bytes of its file, possibly shared with other tensors, and
 * converts them when it is asked to; numbers come in C order, whatever the strides in the file.
 */
public final class Tensor {

  /** As many as PyTorch's own kernels take. */
  static final int MOST_DIMENSIONS = 64;

  private final DType dtype;
  private final long[] shape;
  private final long[] strides;
  private final int offset;
  private final int length;
  private final ByteBuffer storage;

  /**
   * A view of a storage, as PyTorch describes it.
   *
   * @param strides in elements, as is {@code offset}
   * @param storage from its first byte to its limit
   * @throws CheckpointException if the view is malformed or reaches beyond the storage
   */
  Tensor(DType dtype, long[] shape, long[] strides, long offset, ByteBuffer storage) {
    long needed = bytesNeeded(dtype, shape, strides, offset);
    if (needed > storage.limit()) {
      throw new CheckpointException(
          String.format(
              "shape %s needs %d bytes of a storage that holds %d; the file is damaged",
              Arrays.toString(shape), needed, storage.limit()));
    }
    this.dtype = dtype;
    this.shape = shape.clone();
    this.strides = strides.clone();
    this.length = (int) elements(shape);
    this.offset = length == 0 ? 0 : (int) offset;
    this.storage = storage.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A tensor whose numbers lie in C order in {@code data}. */
  Tensor(DType dtype, long[] shape, ByteBuffer data) {
    this(dtype, shape, contiguousStrides(shape), 0, data);
  }

  /**
   * A tensor of type float32.
   *
   * @param values in C order
   * @throws IllegalArgumentException if there are not as many as the shape says
   */
  public static Tensor of(long[] shape, float... values) {
    if (elements(shape) != values.length) {
      throw new IllegalArgumentException(
          String.format("Shape %s with %d values", Arrays.toString(shape), values.length));
    }
    ByteBuffer data =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(DType.FLOAT32, shape, data);
  }

  /** A scalar of type int64. */
  public static Tensor of(long value) {
    ByteBuffer data = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(0, value);
    return new Tensor(DType.INT64, new long[0], data);
  }

  /** What the numbers are in the file; {@link #toFloats} and {@link #toDoubles} convert any. */
  public DType dtype() {
    return dtype;
  }

  /** PyTorch's shape; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** How many numbers there are. */
  public int length() {
    return length;
  }

  /** The numbers in C order, rounded where float cannot hold them. */
  public float[] toFloats() {
    float[] values = new float[length];
    ByteBuffer data = data();
    for (int i = 0; i < length; i++) {
      values[i] = (float) dtype.read(data, i * dtype.bytes());
    }
    return values;
  }

  /** The numbers in C order; exact, but for whole numbers beyond 2^53. */
  public double[] toDoubles() {
    double[] values = new double[length];
    ByteBuffer data = data();
    for (int i = 0; i < length; i++) {
      values[i] = dtype.read(data, i * dtype.bytes());
    }
    return values;
  }

  /** The bytes in C order, little-endian: a view of the storage if they lie so, else a copy. */
  ByteBuffer data() {
    int bytes = dtype.bytes();
    if (Arrays.equals(strides, contiguousStrides(shape))) {
      return storage.slice(offset * bytes, length * bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    ByteBuffer data = ByteBuffer.allocate(length * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i++) {
      data.put(i * bytes, storage, position(i) * bytes, bytes);
    }
    return data;
  }

  @Override
  public String toString() {
    return dtype + " " + Arrays.toString(shape);
  }

  /** Where in the storage the i-th element in C order is. */
  private int position(int i) {
    long position = offset;
    long rest = i;
    for (int d = shape.length - 1; d >= 0; d--) {
      position += rest % shape[d] * strides[d];
      rest /= shape[d];
    }
    return (int) position;
  }

  /**
   * How many elements a shape has.
   *
   * @throws CheckpointException if that is no number that a tensor can have
   */
  static long elements(long... shape) {
    try {
      long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
      if (shape.length <= MOST_DIMENSIONS && Arrays.stream(shape).allMatch(size -> size >= 0)) {
        return elements;
      }
    } catch (ArithmeticException e) {
      // Refused below.
    }
    throw new CheckpointException("impossible shape " + describe(shape));
  }

  private static long bytesNeeded(DType dtype, long[] shape, long[] strides, long offset) {
    long elements = elements(shape);
    if (elements > Integer.MAX_VALUE / dtype.bytes()) {
      throw new CheckpointException("shape " + describe(shape) + " is beyond the limit of 2 GB");
    }
    boolean negative = offset < 0 || Arrays.stream(strides).anyMatch(stride -> stride < 0);
    if (negative || strides.length != shape.length) {
      throw new CheckpointException(
          String.format(
              "impossible strides %s, offset %d for shape %s",
              describe(strides), offset, describe(shape)));
    }
    if (elements == 0) {
      return 0;
    }
    try {
      long last = offset;
      for (int d = 0; d < shape.length; d++) {
        last = Math.addExact(last, Math.multiplyExact(shape[d] - 1, strides[d]));
      }
      return Math.multiplyExact(Math.addExact(last, 1), dtype.bytes());
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long[] contiguousStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= Math.max(shape[d], 1);
    }
    return strides;
  }

  private static String describe(long[] numbers) {
    return numbers.length > MOST_DIMENSIONS
        ? "of " + numbers.length + " dimensions"
        : Arrays.toString(numbers);
  }
}
