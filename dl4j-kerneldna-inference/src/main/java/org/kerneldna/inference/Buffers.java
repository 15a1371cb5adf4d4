package org.kerneldna.inference;

import java.util.Comparator;
import java.util.TreeSet;
import org.bytedeco.javacpp.BytePointer;

/**
 * Memory for the values of a plan, used again once nobody reads a value any more. A plan is made in
 * the order in which it runs, so what is given back can be taken for any later value.
 */
final class Buffers {

  /** A cache line: vectors that lie across two take twice as long. */
  private static final long ALIGNMENT = 64;

  private final TreeSet<BytePointer> free =
      new TreeSet<>(
          Comparator.<BytePointer>comparingLong(BytePointer::capacity)
              .thenComparingLong(BytePointer::address));
  private long allocated;

  /** At least so many bytes, with any content. */
  BytePointer take(long bytes) {
    BytePointer fitting =
        free.stream()
            .filter(buffer -> buffer.capacity() - ALIGNMENT >= bytes)
            .findFirst()
            .orElseGet(() -> allocate(bytes));
    free.remove(fitting);
    return fitting;
  }

  private BytePointer allocate(long bytes) {
    allocated += bytes;
    BytePointer buffer = new BytePointer(bytes + ALIGNMENT);
    return buffer.position((ALIGNMENT - buffer.address() % ALIGNMENT) % ALIGNMENT);
  }

  /** Takes a buffer back. */
  void give(BytePointer buffer) {
    free.add(buffer);
  }

  /** All bytes that there are. */
  long allocated() {
    return allocated;
  }
}
