package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.inference.onednn.Place.Constant;
import org.kerneldna.inference.onednn.Place.Slot;

/** Steps in the order in which they run, on values that have no memory yet. */
final class Tape {

  private final List<Step> steps = new ArrayList<>();

  /** The node whose steps come now. */
  private Node node;

  void begin(Node next) {
    node = next;
  }

  List<Step> steps() {
    return steps;
  }

  /** A new value in the plan's own memory. */
  Value create(memory.desc desc) {
    return new Value(desc, new Slot(desc.get_size()));
  }

  /** A value for the output of an elementwise step: the input itself, if it may be written over. */
  Value inPlace(Value input) {
    return input.isFree() ? input : create(input.desc());
  }

  /**
   * The first that oneDNN has an implementation of.
   *
   * @throws UnsupportedOperationException if it has none of any
   */
  @SafeVarargs
  final <P extends primitive_desc_base> P first(Supplier<P>... tries) {
    RuntimeException failure = null;
    for (Supplier<P> next : tries) {
      try {
        P made = next.get();
        if (made.asBoolean()) {
          return made;
        }
      } catch (RuntimeException e) {
        failure = e; // How oneDNN says that it takes no such arguments.
      }
    }
    throw new UnsupportedOperationException(
        "oneDNN cannot compute \"%s\": %s".formatted(node.vertex(), node.operation()), failure);
  }

  /** The one that ends with this function, if oneDNN has an implementation, else the plain one. */
  <P extends primitive_desc_base> P first(Nonlinearity act, Function<primitive_attr, P> by) {
    return first(() -> by.apply(Attributes.ending(false, act)), () -> by.apply(Attributes.plain()));
  }

  /** Adds a primitive, with the scratch memory that it asks for. */
  void run(primitive_desc_base chosen, Map<Integer, Value> arguments) {
    memory.desc scratch = chosen.scratchpad_desc();
    Map<Integer, Value> all = new HashMap<>(arguments);
    if (scratch.get_size() > 0) {
      all.put(DNNL_ARG_SCRATCHPAD, create(scratch));
    }
    add(new Step.Primitive(node, chosen, all));
  }

  /** Adds a routine; its values are {@link #owned}. */
  void run(String name, Step.Routine.Body body, Value... values) {
    add(new Step.Routine(node, name, List.of(values), body));
  }

  private void add(Step step) {
    for (Value value : step.values()) {
      if (value.place() instanceof Slot slot) {
        slot.use(steps.size());
      }
    }
    steps.add(step);
  }

  /** Adds a copy to where, and in the layout in which, another value lies. */
  void copy(Value from, Value to) {
    Optional<reorder.primitive_desc> chosen =
        OneDnn.reorder(from.desc(), to.desc(), Attributes.plain());
    if (chosen.isPresent()) {
      run(chosen.get(), Map.of(DNNL_ARG_SRC, from, DNNL_ARG_DST, to));
    } else {
      // oneDNN packs kernels for some algorithms from C order only.
      Value plain = create(OneDnn.plain(from.shape()));
      run(first(() -> direct(from, plain)), Map.of(DNNL_ARG_SRC, from, DNNL_ARG_DST, plain));
      run(first(() -> direct(plain, to)), Map.of(DNNL_ARG_SRC, plain, DNNL_ARG_DST, to));
    }
  }

  private static reorder.primitive_desc direct(Value from, Value to) {
    return OneDnn.reorder(from.desc(), to.desc(), Attributes.plain()).orElseThrow();
  }

  /** The value in another layout: itself, or a copy. Constants are arranged ahead of time. */
  Value arranged(memory.desc wanted, Value value) {
    if (value.desc().equals(wanted)) {
      return value;
    }
    if (value.place() instanceof Constant constant) {
      return new Value(wanted, constant);
    }
    Value copy = create(wanted);
    copy(value, copy);
    return copy;
  }

  /** The value in C order. */
  Value plain(Value value) {
    return arranged(OneDnn.plain(value.shape()), value);
  }

  /** The value in memory of the plan's own. */
  Value owned(Value value) {
    return value.place() instanceof Slot ? value : copyOf(value);
  }

  private Value copyOf(Value value) {
    Value copy = create(value.desc());
    copy(value, copy);
    return copy;
  }

  /** A value that a step may add to: this one, or a copy. */
  Value summand(memory.desc wanted, Value value) {
    if (value.isFree() && value.desc().equals(wanted)) {
      return value;
    }
    Value copy = create(wanted);
    copy(value, copy);
    return copy;
  }

  /** The same numbers in another shape: a view, or one of a copy in C order. */
  Value reshaped(Value value, long... shape) {
    return OneDnn.reshaped(value.desc(), shape)
        .map(value::seen)
        .orElseGet(() -> plain(value).seen(OneDnn.plain(shape)));
  }
}
