package org.kerneldna.inference.onednn;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.PointerScope;
import org.kerneldna.inference.onednn.Place.Constant;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network's arrays in the layouts that its plans want, each made once, shared by all, and
 * released once no plan uses it.
 */
final class Weights {

  private final List<Packed> all = new ArrayList<>();

  /** An array in a layout, and how many use it. */
  static final class Packed {

    private final String name;
    private final Natives natives = new Natives();
    private memory memory;
    private memory.desc from;
    private memory.desc to;
    private int users;

    private Packed(String name) {
      this.name = name;
    }

    memory memory() {
      return memory;
    }

    private boolean is(Constant constant, memory.desc wanted) {
      return name.equals(constant.name()) && from.equals(constant.desc()) && to.equals(wanted);
    }
  }

  /** The array in a layout, to be given back to {@link #release}. */
  Packed take(Constant constant, memory.desc wanted) {
    Optional<Packed> known = find(constant, wanted);
    if (known.isPresent()) {
      return known.get();
    }
    Packed made = pack(constant, wanted);
    synchronized (this) {
      Optional<Packed> meanwhile = find(constant, wanted);
      if (meanwhile.isEmpty()) {
        made.users = 1;
        all.add(made);
        return made;
      }
      made.natives.close();
      return meanwhile.get();
    }
  }

  private synchronized Optional<Packed> find(Constant constant, memory.desc wanted) {
    Optional<Packed> found = all.stream().filter(p -> p.is(constant, wanted)).findFirst();
    found.ifPresent(packed -> packed.users++);
    return found;
  }

  /** One plan less uses it. */
  void release(Packed packed) {
    synchronized (this) {
      packed.users--;
      if (packed.users > 0) {
        return;
      }
      all.remove(packed);
    }
    packed.natives.close();
  }

  /** The bytes of all. */
  synchronized long bytes() {
    return all.stream().mapToLong(packed -> packed.to.get_size()).sum();
  }

  private static Packed pack(Constant constant, memory.desc wanted) {
    Packed made = new Packed(constant.name());
    INDArray dense = Dense.of(constant.numbers());
    made.natives.own(
        () -> {
          made.memory = new memory(wanted, OneDnn.engine());
          made.to = made.memory.get_desc();
          made.from = new memory.desc(constant.desc().data());
          return made;
        });
    try (PointerScope temporary = new PointerScope()) {
      memory given = new memory(made.from, OneDnn.engine(), Dense.address(dense));
      if (OneDnn.reorder(made.from, wanted, Attributes.plain()).isPresent()) {
        copy(given, made.memory);
      } else {
        // oneDNN packs kernels for some algorithms from C order only.
        memory plain = new memory(OneDnn.plain(OneDnn.shape(wanted)), OneDnn.engine());
        copy(given, plain);
        copy(plain, made.memory);
      }
    } catch (RuntimeException e) {
      made.natives.close();
      throw e;
    } finally {
      // Until here nothing but the plain memory knows where the array's numbers are.
      Reference.reachabilityFence(dense);
    }
    return made;
  }

  private static void copy(memory from, memory to) {
    stream stream = new stream(OneDnn.engine());
    new reorder(from, to).execute(stream, from, to);
    stream._wait();
  }
}
