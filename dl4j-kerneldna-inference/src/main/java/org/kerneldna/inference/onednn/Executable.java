package org.kerneldna.inference.onednn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Program;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A program on oneDNN, and the owner of all memory that it takes: the parameters, these packed for
 * the processor, and plans. Plans that nobody runs are kept for later calls, the latest only.
 * Threads may share it.
 */
public final class Executable implements AutoCloseable {

  private static final int SHAPES_KEPT = 64;

  /** Plans of several shapes, or one for each thread that can run at a time. */
  static final int PLANS_KEPT = Math.max(8, Runtime.getRuntime().availableProcessors());

  private final Program program;
  private final long cache;
  private final Weights weights = new Weights();

  /** Into how many parts batches are cut, by the shapes of the inputs. */
  private final Map<List<List<Long>>, Integer> parts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<List<Long>>, Integer> eldest) {
          return size() > SHAPES_KEPT;
        }
      };

  /** Plans that nobody runs, the latest first. */
  private final Deque<Plan> idle = new ArrayDeque<>();

  /** The memory of all plans. */
  private long bytesOfPlans;

  private int running;
  private boolean closed;
  private boolean released;

  /**
   * Takes a program over, with its parameters, which are released when it is closed.
   *
   * @param program as {@link org.kerneldna.graph.pass.Folding} leaves it
   * @param cache bytes of values in between that a part of a batch may have: what a layer writes is
   *     in cache then for the next
   */
  public Executable(Program program, long cache) {
    this.program = program;
    this.cache = cache;
  }

  /**
   * What the program computes.
   *
   * @param inputs dense FLOAT arrays, with numbers
   * @return FLOAT arrays
   * @throws IllegalArgumentException if the program cannot take these; names the vertex
   * @throws IllegalStateException if it is closed
   */
  public INDArray[] run(INDArray... inputs) {
    return whileOpen(
        () -> {
          int parts = parts(shapes(inputs));
          return parts == 1 ? runWhole(inputs) : runInParts(parts, inputs);
        });
  }

  /**
   * How inputs of these shapes are computed.
   *
   * @throws IllegalArgumentException if the program cannot take these; names the vertex
   * @throws IllegalStateException if it is closed
   */
  public Description describe(List<long[]> shapes) {
    return whileOpen(
        () -> {
          try (PointerScope planning = new PointerScope()) {
            int parts = parts(shapes);
            Tape tape = Planner.plan(Shaped.of(program, ofPart(parts, shapes)));
            return new Description(tape.steps().stream().map(Step::line).toList(), parts);
          }
        });
  }

  private static List<long[]> ofPart(int parts, List<long[]> shapes) {
    return shapes.stream()
        .map(
            shape -> {
              long[] part = shape.clone();
              part[0] = (shape[0] + parts - 1) / parts;
              return part;
            })
        .toList();
  }

  /**
   * As {@link #describe}, with the time of each step for one part of the batch.
   *
   * @param passes how many to take the mean of
   * @param inputs as {@link #run} takes them
   */
  public Description profile(int passes, INDArray... inputs) {
    Description description = describe(shapes(inputs));
    return whileOpen(
        () -> {
          List<long[]> shapes = ofPart(description.parts(), shapes(inputs));
          INDArray[] part = part(0, shapes.get(0)[0], description.parts(), inputs);
          Plan plan = take(shapes);
          try {
            return description.took(milliseconds(plan, passes, part));
          } finally {
            giveBack(plan);
          }
        });
  }

  private static double[] milliseconds(Plan plan, int passes, INDArray... inputs) {
    long[] nanoseconds = new long[plan.steps()];
    plan.run(inputs);
    for (int i = 0; i < passes; i++) {
      plan.time(nanoseconds, inputs);
    }
    return LongStream.of(nanoseconds).mapToDouble(ns -> ns / 1e6 / passes).toArray();
  }

  /**
   * Does work before which nothing is released.
   *
   * @throws IllegalStateException if it is closed
   */
  public <T> T whileOpen(Supplier<T> work) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("The compiled network is closed");
      }
      running++;
    }
    try {
      return work.get();
    } finally {
      synchronized (this) {
        running--;
      }
      releaseIfDone();
    }
  }

  private static List<long[]> shapes(INDArray... arrays) {
    return Stream.of(arrays).map(INDArray::shape).toList();
  }

  private int parts(List<long[]> shapes) {
    List<List<Long>> key =
        shapes.stream().map(shape -> LongStream.of(shape).boxed().toList()).toList();
    synchronized (parts) {
      Integer known = parts.get(key);
      if (known != null) {
        return known;
      }
    }
    int count = count(shapes);
    synchronized (parts) {
      parts.put(key, count);
    }
    return count;
  }

  /**
   * Into how many parts to cut a batch. Winograd's algorithm has the larger part of its memory in
   * kernels, which small batches read too often.
   */
  private int count(List<long[]> shapes) {
    long batch = shapes.get(0)[0];
    if (batch == 1 || program.nodes().stream().anyMatch(n -> n.operation() instanceof Opaque)) {
      return 1;
    }
    Shaped whole = Shaped.of(program, shapes);
    if (!Samples.areApart(whole) || whole.hasWinograd()) {
      return 1;
    }
    long bytes = Shaped.of(program, shapes.stream().map(Executable::ofOne).toList()).bytes();
    long together = Math.max(1, cache / Math.max(1, bytes));
    return (int) ((batch + together - 1) / together);
  }

  private static long[] ofOne(long... shape) {
    long[] one = shape.clone();
    one[0] = 1;
    return one;
  }

  private INDArray[] runInParts(int parts, INDArray... arrays) {
    long batch = arrays[0].size(0);
    List<INDArray[]> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      outputs.add(runWhole(part(i * batch / parts, (i + 1) * batch / parts, parts, arrays)));
    }
    return IntStream.range(0, program.outputs().size())
        .mapToObj(k -> Nd4j.concat(0, outputs.stream().map(o -> o[k]).toArray(INDArray[]::new)))
        .toArray(INDArray[]::new);
  }

  private static INDArray[] part(long from, long to, int parts, INDArray... arrays) {
    return parts == 1
        ? arrays
        : Stream.of(arrays)
            .map(array -> array.get(NDArrayIndex.interval(from, to)))
            .toArray(INDArray[]::new);
  }

  private INDArray[] runWhole(INDArray... inputs) {
    Plan plan = take(shapes(inputs));
    try {
      return plan.run(inputs);
    } finally {
      giveBack(plan);
    }
  }

  private Plan take(List<long[]> shapes) {
    return idle(shapes).orElseGet(() -> make(shapes));
  }

  private synchronized Optional<Plan> idle(List<long[]> shapes) {
    for (Iterator<Plan> plans = idle.iterator(); plans.hasNext(); ) {
      Plan plan = plans.next();
      if (plan.isFor(shapes)) {
        plans.remove();
        return Optional.of(plan);
      }
    }
    return Optional.empty();
  }

  private Plan make(List<long[]> shapes) {
    Plan plan = Plan.of(Shaped.of(program, shapes), weights);
    synchronized (this) {
      bytesOfPlans += plan.bytes();
    }
    return plan;
  }

  private void giveBack(Plan plan) {
    Plan surplus;
    synchronized (this) {
      idle.push(plan);
      surplus = closed || idle.size() > PLANS_KEPT ? idle.removeLast() : null;
    }
    if (surplus != null) {
      drop(surplus);
    }
  }

  private void drop(Plan plan) {
    plan.close();
    synchronized (this) {
      bytesOfPlans -= plan.bytes();
    }
  }

  /** The native memory that this holds, without what DL4J holds for vertices left to it. */
  public synchronized long bytes() {
    return released ? 0 : bytesOfParameters() + weights.bytes() + bytesOfPlans;
  }

  /** The memory of all plans. */
  public synchronized long bytesOfPlans() {
    return bytesOfPlans;
  }

  private long bytesOfParameters() {
    return buffers(program).stream().mapToLong(b -> b.length() * b.getElementSize()).sum();
  }

  /** Calls that run finish, later ones fail; then all memory is released. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    releaseIfDone();
  }

  private void releaseIfDone() {
    List<Plan> plans;
    synchronized (this) {
      if (!closed || running > 0 || released) {
        return;
      }
      released = true;
      plans = List.copyOf(idle);
      idle.clear();
    }
    plans.forEach(this::drop);
    release(buffers(program));
  }

  /** Releases the parameters of the program that this one was made of, but for those it shares. */
  public void discard(Program original) {
    Set<DataBuffer> left = buffers(original);
    left.removeAll(buffers(program));
    release(left);
  }

  private static void release(Set<DataBuffer> buffers) {
    buffers.stream().filter(DataBuffer::closeable).forEach(DataBuffer::close);
  }

  private static Set<DataBuffer> buffers(Program program) {
    return program.nodes().stream()
        .filter(node -> node.operation() instanceof Parameter)
        .map(node -> ((Parameter) node.operation()).values().data())
        .collect(Collectors.toCollection(() -> Collections.newSetFromMap(new IdentityHashMap<>())));
  }
}
