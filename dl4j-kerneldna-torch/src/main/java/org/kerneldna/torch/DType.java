package org.kerneldna.torch;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the numbers of a {@link Tensor} are in its file, little-endian, by PyTorch's names for them.
 * A {@link #BOOL} takes a byte and counts as 0 or 1.
 */
public enum DType {
  FLOAT64("F64", "DoubleStorage", 8, ByteBuffer::getDouble),
  FLOAT32("F32", "FloatStorage", 4, ByteBuffer::getFloat),
  FLOAT16("F16", "HalfStorage", 2, (data, at) -> half(data.getShort(at))),
  BFLOAT16(
      "BF16", "BFloat16Storage", 2, (data, at) -> Float.intBitsToFloat(data.getShort(at) << 16)),
  INT64("I64", "LongStorage", 8, ByteBuffer::getLong),
  INT32("I32", "IntStorage", 4, ByteBuffer::getInt),
  INT16("I16", "ShortStorage", 2, ByteBuffer::getShort),
  INT8("I8", "CharStorage", 1, ByteBuffer::get),
  UINT8("U8", "ByteStorage", 1, (data, at) -> data.get(at) & 0xff),
  BOOL("BOOL", "BoolStorage", 1, (data, at) -> data.get(at) == 0 ? 0 : 1);

  private final String safetensors;
  private final String storage;
  private final int bytes;
  private final Reader reader;

  DType(String safetensors, String storage, int bytes, Reader reader) {
    this.safetensors = safetensors;
    this.storage = storage;
    this.bytes = bytes;
    this.reader = reader;
  }

  private interface Reader {
    double read(ByteBuffer data, int at);
  }

  /** The type's name in a safetensors header. */
  String safetensors() {
    return safetensors;
  }

  /** How many bytes a number takes. */
  int bytes() {
    return bytes;
  }

  /** The number at a byte offset. Whole numbers beyond 2^53 are rounded. */
  double read(ByteBuffer data, int at) {
    return reader.read(data, at);
  }

  /** The type whose storages PyTorch calls so, as in {@code torch.FloatStorage}. */
  static Optional<DType> ofStorage(String name) {
    return find(type -> name.equals("torch." + type.storage));
  }

  static Optional<DType> ofSafetensors(String name) {
    return find(type -> name.equals(type.safetensors));
  }

  private static Optional<DType> find(Predicate<DType> wanted) {
    return Arrays.stream(values()).filter(wanted).findFirst();
  }

  /** IEEE 754 binary16, which Java 17 does not convert. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (fraction + 0x400), exponent - 25);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
