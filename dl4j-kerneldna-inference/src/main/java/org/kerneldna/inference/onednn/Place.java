package org.kerneldna.inference.onednn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where an array is. */
sealed interface Place {

  /**
   * The caller's memory.
   *
   * @param index of the array among the network's inputs and, after those, outputs
   */
  record Caller(int index) implements Place {}

  /**
   * An array of the network, which plans share in the layouts that they want.
   *
   * @param numbers of the array, in C order
   * @param desc how these lie
   */
  record Constant(String name, INDArray numbers, memory.desc desc) implements Place {}

  /** A part of the plan's own memory, which others may have before and after. */
  final class Slot implements Place {

    /** A cache line: vectors that lie across two take twice as long. */
    static final long ALIGNMENT = 64;

    private final long bytes;
    private int first = Integer.MAX_VALUE;
    private int last = -1;
    private long offset;

    /** How many nodes have yet to read what lies here. */
    private int readers;

    Slot(long bytes) {
      this.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** A step reads or writes it. */
    void use(int step) {
      first = Math.min(first, step);
      last = Math.max(last, step);
    }

    void addReaders(int more) {
      readers += more;
    }

    /** Whether nobody but the node at hand, if that, reads what lies here now. */
    boolean isFree() {
      return readers <= 1;
    }

    long bytes() {
      return bytes;
    }

    long offset() {
      return offset;
    }

    private boolean meets(Slot other) {
      return first <= other.last && other.first <= last;
    }

    /**
     * Gives each slot its offset, the largest first, at the lowest place that nobody has at the
     * same time.
     *
     * @return the bytes of all together
     */
    static long assign(Collection<Slot> slots) {
      List<Slot> placed = new ArrayList<>();
      long end = 0;
      Comparator<Slot> largestFirst = Comparator.comparingLong(s -> -s.bytes);
      Comparator<Slot> order = largestFirst.thenComparingInt(s -> s.first);
      for (Slot slot : slots.stream().sorted(order).toList()) {
        slot.offset = 0;
        placed.stream()
            .filter(slot::meets)
            .sorted(Comparator.comparingLong(Slot::offset))
            .forEach(
                other -> {
                  if (slot.offset + slot.bytes > other.offset) {
                    slot.offset = Math.max(slot.offset, other.offset + other.bytes);
                  }
                });
        placed.add(slot);
        end = Math.max(end, slot.offset + slot.bytes);
      }
      return end;
    }
  }
}
