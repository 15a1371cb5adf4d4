package org.kerneldna.inference.onednn;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.kerneldna.inference.onednn.Place.Caller;
import org.kerneldna.inference.onednn.Place.Constant;
import org.kerneldna.inference.onednn.Place.Slot;
import org.kerneldna.layers.math.Dense;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A program ready to run on inputs of certain shapes: primitives, and one piece of memory for all
 * values in between. For one caller at a time, and to be closed.
 */
final class Plan implements AutoCloseable {

  private final Natives natives = new Natives();
  private final Shaped shaped;
  private final Weights weights;
  private final List<Weights.Packed> taken = new ArrayList<>();
  private final List<Runnable> actions = new ArrayList<>();
  private final List<Bound> bound = new ArrayList<>();
  private stream stream;
  private BytePointer memory;

  /** Where {@link #memory} begins a line of the cache. */
  private long start;

  private long bytes;

  /** Memory that is the caller's. */
  private record Bound(memory memory, int index) {}

  private Plan(Shaped shaped, Weights weights) {
    this.shaped = shaped;
    this.weights = weights;
  }

  /** Plans a program. */
  static Plan of(Shaped shaped, Weights weights) {
    Plan plan = new Plan(shaped, weights);
    try (PointerScope planning = new PointerScope()) {
      Tape tape = Planner.plan(shaped);
      plan.natives.own(() -> plan.build(tape));
      return plan;
    } catch (RuntimeException | Error e) {
      plan.close();
      throw e;
    }
  }

  private Plan build(Tape tape) {
    Set<Slot> slots = new HashSet<>();
    for (Step step : tape.steps()) {
      for (Value value : step.values()) {
        if (value.place() instanceof Slot slot) {
          slots.add(slot);
        }
      }
    }
    bytes = Slot.assign(slots) + Slot.ALIGNMENT;
    memory = new BytePointer(bytes);
    start = (Slot.ALIGNMENT - memory.address() % Slot.ALIGNMENT) % Slot.ALIGNMENT;
    stream = new stream(OneDnn.engine());
    tape.steps().forEach(step -> actions.add(action(step)));
    return this;
  }

  private Runnable action(Step step) {
    if (step instanceof Step.Routine routine) {
      FloatBuffer[] buffers =
          routine.values().stream().map(this::floats).toArray(FloatBuffer[]::new);
      return () -> {
        stream._wait();
        Stream.of(buffers).forEach(FloatBuffer::clear);
        routine.body().run(buffers);
      };
    }
    Step.Primitive chosen = (Step.Primitive) step;
    primitive primitive = new primitive(chosen.chosen().get());
    IntMemoryMap arguments = new IntMemoryMap();
    chosen.arguments().forEach((number, value) -> arguments.put(number, memory(value)));
    return () -> primitive.execute(stream, arguments);
  }

  private FloatBuffer floats(Value value) {
    at((Slot) value.place());
    memory.limit(memory.position() + value.desc().get_size());
    FloatBuffer floats = memory.asByteBuffer().asFloatBuffer();
    memory.limit(bytes);
    return floats;
  }

  private BytePointer at(Slot slot) {
    return memory.position(start + slot.offset());
  }

  private memory memory(Value value) {
    if (value.place() instanceof Slot slot) {
      return new memory(value.desc(), OneDnn.engine(), at(slot));
    }
    if (value.place() instanceof Constant constant) {
      return memory(constant, value.desc());
    }
    memory callers = new memory(value.desc(), OneDnn.engine(), new Pointer());
    bound.add(new Bound(callers, ((Caller) value.place()).index()));
    return callers;
  }

  private memory memory(Constant constant, memory.desc wanted) {
    if (constant.desc().equals(wanted) && Dense.is(constant.numbers())) {
      return new memory(wanted, OneDnn.engine(), Dense.address(constant.numbers()));
    }
    Weights.Packed packed = weights.take(constant, wanted);
    taken.add(packed);
    return packed.memory();
  }

  /** How many steps there are. */
  int steps() {
    return actions.size();
  }

  /** The memory of all values in between. */
  long bytes() {
    return bytes;
  }

  /** Whether it is for inputs of these shapes. */
  boolean isFor(List<long[]> shapes) {
    for (int i = 0; i < shapes.size(); i++) {
      if (!Arrays.equals(shapes.get(i), shaped.of(shaped.program().inputs().get(i)))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Computes the outputs.
   *
   * @param inputs {@link Dense} FLOAT arrays of the shapes that were planned for
   */
  INDArray[] run(INDArray... inputs) {
    return run(() -> actions.forEach(Runnable::run), inputs);
  }

  /** Runs once more, and adds what each step took, in nanoseconds. */
  void time(long[] nanoseconds, INDArray... inputs) {
    Runnable timed =
        () -> {
          for (int i = 0; i < nanoseconds.length; i++) {
            long begin = System.nanoTime();
            actions.get(i).run();
            stream._wait();
            nanoseconds[i] += System.nanoTime() - begin;
          }
        };
    run(timed, inputs);
  }

  private INDArray[] run(Runnable all, INDArray... inputs) {
    List<String> names = shaped.program().outputs();
    INDArray[] arrays = Arrays.copyOf(inputs, inputs.length + names.size());
    for (int i = 0; i < names.size(); i++) {
      arrays[inputs.length + i] =
          Nd4j.createUninitialized(DataType.FLOAT, shaped.of(names.get(i)), 'c');
    }
    try {
      bound.forEach(b -> b.memory.set_data_handle(Dense.address(arrays[b.index])));
      all.run();
      stream._wait();
    } finally {
      // Until here nothing but oneDNN's memory knows where the arrays' numbers are.
      Reference.reachabilityFence(arrays);
    }
    return Arrays.copyOfRange(arrays, inputs.length, arrays.length);
  }

  @Override
  public void close() {
    natives.close();
    taken.forEach(weights::release);
    taken.clear();
  }
}
