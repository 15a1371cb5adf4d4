package org.kerneldna.inference.onednn;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import lombok.extern.slf4j.Slf4j;
import org.bytedeco.dnnl.dnnl_blocking_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.nd4j.linalg.factory.Nd4j;

/** The engine, and how arrays lie in memory. */
@Slf4j
@UtilityClass
public class OneDnn {

  /** Channels in a block of the layout that Winograd's algorithm takes. */
  private final long BLOCK = 16;

  private final Optional<engine> ENGINE = load();

  /** Whether oneDNN is there and ND4J's arrays lie where it can read them. */
  public boolean isAvailable() {
    return ENGINE.isPresent();
  }

  engine engine() {
    return ENGINE.orElseThrow();
  }

  private Optional<engine> load() {
    try {
      return Nd4j.getEnvironment().isCPU()
          ? Optional.of(new Natives().own(() -> new engine(engine.kind.cpu, 0)))
          : Optional.empty();
    } catch (LinkageError e) {
      log.warn("oneDNN cannot be loaded, networks run as their graphs do: {}", e.toString());
      return Optional.empty();
    }
  }

  /** Of float32, in whatever layout is best. */
  memory.desc any(long... shape) {
    return desc(format_tag.any, shape);
  }

  /** Of float32, in C order. */
  memory.desc plain(long... shape) {
    return strided(shape.length == 0 ? new long[] {1} : shape, dense(shape));
  }

  /** Of float32, by the distance of neighbours in each dimension. */
  memory.desc strided(long[] shape, long... strides) {
    return new memory.desc(shape, memory.data_type.f32, strides);
  }

  private memory.desc desc(format_tag layout, long... shape) {
    return new memory.desc(shape, memory.data_type.f32, layout);
  }

  private long[] dense(long... shape) {
    long[] strides = new long[Math.max(shape.length, 1)];
    long stride = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= d < shape.length ? shape[d] : 1;
    }
    return strides;
  }

  /** Images in blocks of channels; nothing if these leave a rest. */
  Optional<memory.desc> blocked(long... shape) {
    return shape.length == 4 && shape[1] % BLOCK == 0
        ? Optional.of(desc(format_tag.aBcd16b, shape))
        : Optional.empty();
  }

  /** A layout with the same order of dimensions, or blocks, for another shape of the same rank. */
  memory.desc similar(memory.desc desc, long... shape) {
    if (blocks(desc).inner_nblks() > 0) {
      boolean isBlocked = blocked(shape(desc)).filter(desc::equals).isPresent();
      return blocked(shape).filter(b -> isBlocked).orElseGet(() -> plain(shape));
    }
    int[] order = order(desc);
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      strides[order[i]] = stride;
      stride *= shape[order[i]];
    }
    return strided(shape, strides);
  }

  /** The dimensions from the outermost to the innermost in memory. */
  private int[] order(memory.desc desc) {
    long[] strides = strides(desc);
    return IntStream.range(0, strides.length)
        .boxed()
        .sorted(Comparator.comparingLong(d -> -strides[d]))
        .mapToInt(d -> d)
        .toArray();
  }

  /**
   * The same layout with the strides that C order, or else channels last, has for dimensions of
   * size 1. These strides mean nothing, and to oneDNN layouts are equal that differ in them; but it
   * chooses the output's layout and the code by them, and has primitives of equal arguments share
   * code, so that what runs is wrong.
   */
  memory.desc canonical(memory.desc desc) {
    if (!isStrided(desc)) {
      return desc;
    }
    memory.desc made = new memory.desc(desc.data());
    long[] shape = shape(desc);
    long[] strides = strides(desc);
    int[] order = usualOrder(desc).orElseGet(() -> order(shape, strides));
    long next = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      int d = order[i];
      if (shape[d] == 1) {
        strides[d] = next;
      }
      next = shape[d] * strides[d];
    }
    blocks(made).strides().put(strides);
    return made;
  }

  private boolean isStrided(memory.desc desc) {
    return desc.data().format_kind() == dnnl.dnnl_blocked && blocks(desc).inner_nblks() == 0;
  }

  /** Whether it is C order, channels last, or in blocks. */
  boolean isUsual(memory.desc desc) {
    return !isStrided(desc) || usualOrder(desc).isPresent();
  }

  private Optional<int[]> usualOrder(memory.desc desc) {
    long[] shape = shape(desc);
    long[] strides = strides(desc);
    return Stream.of(cOrder(shape.length), channelsLast(shape.length))
        .filter(order -> isOrdered(order, shape, strides))
        .findFirst();
  }

  /** Whether the last block is not full. */
  boolean isPadded(memory.desc desc) {
    long[] padded = new long[desc.data().ndims()];
    desc.data().padded_dims().get(padded);
    return !Arrays.equals(shape(desc), padded);
  }

  private int[] cOrder(int rank) {
    return IntStream.range(0, rank).toArray();
  }

  private int[] channelsLast(int rank) {
    return rank < 3
        ? cOrder(rank)
        : IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1).toArray();
  }

  private boolean isOrdered(int[] order, long[] shape, long... strides) {
    long[] sorted =
        IntStream.of(order).filter(d -> shape[d] > 1).mapToLong(d -> -strides[d]).toArray();
    return IntStream.range(1, sorted.length).allMatch(i -> sorted[i - 1] <= sorted[i]);
  }

  /** By strides, with dimensions of size 1 outermost. */
  private int[] order(long[] shape, long... strides) {
    return IntStream.range(0, shape.length)
        .boxed()
        .sorted(Comparator.comparingLong(d -> shape[d] == 1 ? Long.MIN_VALUE : -strides[d]))
        .mapToInt(d -> d)
        .toArray();
  }

  private long[] strides(memory.desc desc) {
    long[] strides = new long[desc.data().ndims()];
    blocks(desc).strides().get(strides);
    return strides;
  }

  private dnnl_blocking_desc_t blocks(memory.desc desc) {
    return desc.data().format_desc_blocking();
  }

  /** The same memory, whose dimension {@code order[d]} is dimension d now. */
  memory.desc permuted(memory.desc desc, int... order) {
    int[] inverse = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      inverse[order[d]] = d;
    }
    return desc.permute_axes(inverse);
  }

  /** The same memory in another shape, if the numbers are in C order that way. */
  Optional<memory.desc> reshaped(memory.desc desc, long... shape) {
    dnnl_memory_desc_t made = new dnnl_memory_desc_t();
    int status = dnnl.dnnl_memory_desc_reshape(made, desc.data(), shape.length, shape);
    return status == dnnl.dnnl_success ? Optional.of(new memory.desc(made)) : Optional.empty();
  }

  /** A part of an array where it lies, if it begins and ends with a block. */
  Optional<memory.desc> part(memory.desc desc, long[] shape, long... offsets) {
    dnnl_memory_desc_t made = new dnnl_memory_desc_t();
    int status = dnnl.dnnl_memory_desc_init_submemory(made, desc.data(), shape, offsets);
    return status == dnnl.dnnl_success ? Optional.of(new memory.desc(made)) : Optional.empty();
  }

  /** A copy to another layout, if oneDNN knows how to. */
  Optional<reorder.primitive_desc> reorder(
      memory.desc from, memory.desc to, primitive_attr attributes) {
    var made = new reorder.primitive_desc(engine(), from, engine(), to, attributes, true);
    return made.asBoolean() ? Optional.of(made) : Optional.empty();
  }

  long[] shape(memory.desc desc) {
    long[] shape = new long[desc.data().ndims()];
    desc.data().dims().get(shape);
    return shape;
  }

  /**
   * A layout's name as oneDNN has it: letters are dimensions from the outermost to the innermost,
   * capital ones are cut into blocks, which follow with their sizes.
   */
  String layout(memory.desc desc) {
    if (desc.data().format_kind() != dnnl.dnnl_blocked) {
      return "packed";
    }
    int[] sizes = new int[blocks(desc).inner_nblks()];
    int[] dimensions = new int[sizes.length];
    long[] values = new long[sizes.length];
    blocks(desc).inner_blks().get(values);
    Arrays.setAll(sizes, i -> (int) values[i]);
    blocks(desc).inner_idxs().get(values);
    Arrays.setAll(dimensions, i -> (int) values[i]);
    StringBuilder name = new StringBuilder();
    for (int d : order(desc)) {
      boolean isCut = IntStream.of(dimensions).anyMatch(cut -> cut == d);
      name.append((char) ((isCut ? 'A' : 'a') + d));
    }
    for (int i = 0; i < sizes.length; i++) {
      name.append(sizes[i]).append((char) ('a' + dimensions[i]));
    }
    return name.toString();
  }
}
