package org.kerneldna.train.data;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
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

  static Names read(DataInput in) throws IOException {
    int[] ends = new int[in.readInt()];
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * ends.length);
    in.readFully(numbers.array());
    numbers.asIntBuffer().get(ends);
    byte[] bytes = new byte[ends.length == 0 ? 0 : ends[ends.length - 1]];
    in.readFully(bytes);
    return new Names(bytes, ends);
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
