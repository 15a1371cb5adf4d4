package org.kerneldna.train.data;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** Many names in little memory: a name of 20 letters takes 24 bytes. Unchangeable. */
final class Names extends AbstractList<String> implements RandomAccess {

  private final byte[] bytes;
  private final int[] ends;

  private Names(byte[] bytes, int[] ends) {
    this.bytes = bytes;
    this.ends = ends;
  }

  @Override
  public String get(int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    return new String(bytes, start, ends[index] - start, StandardCharsets.UTF_8);
  }

  @Override
  public int size() {
    return ends.length;
  }

  void write(DataOutput out) throws IOException {
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * ends.length);
    numbers.asIntBuffer().put(ends);
    out.writeInt(ends.length);
    out.write(numbers.array());
    out.write(bytes);
  }

  static Names read(DataInputStream in) throws IOException {
    byte[] numbers = readNBytes(in, (long) Integer.BYTES * in.readInt());
    int[] ends = new int[numbers.length / Integer.BYTES];
    ByteBuffer.wrap(numbers).asIntBuffer().get(ends);
    byte[] bytes = readNBytes(in, ends.length == 0 ? 0 : ends[ends.length - 1]);
    requireEnds(ends, bytes.length);
    for (byte letter : bytes) {
      if (letter == 0) {
        throw new IOException("a name holds a zero");
      }
    }
    return new Names(bytes, ends);
  }

  /** Takes memory only for what is there, whatever the length says. */
  private static byte[] readNBytes(DataInputStream in, long length) throws IOException {
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new IOException("there cannot be " + length + " bytes");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  /**
   * Makes sure that parts follow each other.
   *
   * @param ends of the parts
   * @param length of all together
   * @throws IOException if they do not
   */
  static void requireEnds(int[] ends, int length) throws IOException {
    int last = 0;
    for (int end : ends) {
      if (end < last) {
        throw new IOException("a part ends at " + end + ", before it begins");
      }
      last = end;
    }
    if (last != length) {
      throw new IOException("the parts end at " + last + " of " + length);
    }
  }

  /** Collects names. */
  static final class Builder {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int[] ends = new int[16];
    private int size;

    void add(String name) {
      bytes.writeBytes(name.getBytes(StandardCharsets.UTF_8));
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, 2 * size);
      }
      ends[size++] = bytes.size();
    }

    int size() {
      return size;
    }

    Names build() {
      return new Names(bytes.toByteArray(), Arrays.copyOf(ends, size));
    }
  }
}
