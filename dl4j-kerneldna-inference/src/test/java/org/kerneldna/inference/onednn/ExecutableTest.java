package org.kerneldna.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Role;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Window;
import org.kerneldna.inference.onednn.Place.Slot;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The memory of programs. */
class ExecutableTest {

  private static final long CHANNELS = 32;

  /** What kernels and biases take as the graph has them. */
  private static long parameters(int convolutions) {
    return convolutions * Float.BYTES * (CHANNELS * CHANNELS * 9 + CHANNELS);
  }

  /** Convolutions of [N, 32, H, W], one after the other. */
  private static Program convolutions(int count) {
    List<Node> nodes = new ArrayList<>();
    String x = "in";
    for (int i = 0; i < count; i++) {
      INDArray kernel = Nd4j.rand(DataType.FLOAT, CHANNELS, CHANNELS, 3, 3).subi(0.5).muli(0.1);
      nodes.add(parameter("kernel" + i, kernel));
      nodes.add(parameter("bias" + i, Nd4j.rand(DataType.FLOAT, CHANNELS)));
      long[] one = {1, 1};
      Convolution op =
          new Convolution(Window.padded(new long[] {3, 3}, one, one, 1, 1), 1, true)
              .then(Nonlinearity.RELU);
      nodes.add(new Node("conv" + i, op, List.of(x, "kernel" + i, "bias" + i), "conv" + i));
      x = "conv" + i;
    }
    return new Program(List.of("in"), nodes, List.of(x));
  }

  private static Node parameter(String name, INDArray values) {
    return new Node(name, new Parameter(Role.LEARNED, values, values.shape()), List.of(), "conv");
  }

  private static INDArray images(long batch, long size) {
    return Nd4j.rand(DataType.FLOAT, batch, CHANNELS, size, size);
  }

  /** A program that waits in the middle until it may go on. */
  private static Program waiting(Runnable wait) {
    Opaque.Function function =
        (batch, inputs) -> {
          if (inputs[0].sumNumber().doubleValue() != 0) { // Not while it is planned.
            wait.run();
          }
          return inputs[0].mul(2);
        };
    return new Program(
        List.of("in"),
        List.of(
            new Node("y", new Opaque("Waiting", "a test", 0, function), List.of("in"), "y"),
            new Node("z", new Activate(Nonlinearity.linear(1, 1)), List.of("y"), "z")),
        List.of("z"));
  }

  @Test
  void countsItsBytes() {
    Executable executable = new Executable(convolutions(3), Long.MAX_VALUE);
    assertThat(executable.bytes()).isEqualTo(parameters(3));
    executable.run(images(2, 12));
    long after = executable.bytes();
    long values = 2 * 2 * CHANNELS * 12 * 12 * Float.BYTES;
    long kernels = 3 * CHANNELS * CHANNELS * 9 * Float.BYTES;
    // Packed for Winograd's algorithm a kernel of 3x3 has 6x6 numbers, beside the scratch memory.
    assertThat(after - parameters(3))
        .isBetween(values + kernels, 8 * values + 4 * kernels + 4_000_000);
    executable.run(images(2, 12));
    assertThat(executable.bytes()).isEqualTo(after);
    executable.close();
    assertThat(executable.bytes()).isZero();
  }

  /** As if earlier shapes had never been: packed weights go with the last plan that uses them. */
  @Test
  void forgetsShapes() {
    int kept = Executable.PLANS_KEPT;
    try (Executable all = new Executable(convolutions(2), Long.MAX_VALUE);
        Executable last = new Executable(convolutions(2), Long.MAX_VALUE)) {
      for (int size = 4; size < 4 + 3 * kept; size++) {
        all.run(images(1, size));
      }
      for (int size = 4 + 2 * kept; size < 4 + 3 * kept; size++) {
        last.run(images(1, size));
      }
      assertThat(all.bytes()).isEqualTo(last.bytes());
    }
  }

  @Test
  void keepsFewPlansAfterManyCallers() throws Exception {
    int callers = 5 * Executable.PLANS_KEPT;
    CyclicBarrier all = new CyclicBarrier(callers);
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    INDArray ones = Nd4j.ones(DataType.FLOAT, 64, 1000);
    try (Executable executable = new Executable(waiting(() -> await(all)), Long.MAX_VALUE)) {
      List<Future<INDArray[]>> outputs = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        outputs.add(threads.submit(() -> executable.run(ones)));
      }
      for (Future<INDArray[]> output : outputs) {
        assertThat(output.get()[0]).isEqualTo(ones.mul(3));
      }
      // A copy of the input, and the output.
      long ofPlan = 2 * ones.length() * Float.BYTES + 1000;
      assertThat(executable.bytes()).isPositive().isLessThan(Executable.PLANS_KEPT * ofPlan);
    } finally {
      threads.shutdown();
    }
  }

  private static void await(CyclicBarrier all) {
    try {
      all.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void finishesCallsBeforeItCloses() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    Program program =
        waiting(
            () -> {
              running.countDown();
              try {
                closed.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Executable executable = new Executable(program, Long.MAX_VALUE);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    INDArray ones = Nd4j.ones(DataType.FLOAT, 2, 3);
    try {
      Future<INDArray[]> output = thread.submit(() -> executable.run(ones));
      running.await();
      executable.close();
      assertThat(executable.bytes()).isPositive();
      assertThatThrownBy(() -> executable.run(ones))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The compiled network is closed");
      assertThatThrownBy(() -> executable.describe(List.of(ones.shape())))
          .isInstanceOf(IllegalStateException.class);
      closed.countDown();
      assertThat(output.get()[0]).isEqualTo(ones.mul(3));
      assertThat(executable.bytes()).isZero();
      executable.close();
    } finally {
      thread.shutdown();
    }
  }

  @Test
  void valuesShareMemory() {
    Shaped shaped = Shaped.of(convolutions(6), List.of(images(4, 20).shape()));
    assertThat(shaped.bytes()).isEqualTo(2 * 4 * CHANNELS * 20 * 20 * Float.BYTES);
  }

  /** Random lifetimes: nothing that lives at the same time overlaps. */
  @Test
  void assignsOffsets() {
    Random random = new Random(1);
    for (int round = 0; round < 20; round++) {
      List<Slot> slots = new ArrayList<>();
      List<Set<Integer>> times = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Slot slot = new Slot(1 + random.nextInt(10_000));
        Set<Integer> alive = new HashSet<>();
        int first = random.nextInt(40);
        int last = first + random.nextInt(6);
        for (int step = first; step <= last; step++) {
          slot.use(step);
          alive.add(step);
        }
        slots.add(slot);
        times.add(alive);
      }
      long total = Slot.assign(slots);
      for (int i = 0; i < slots.size(); i++) {
        Slot a = slots.get(i);
        assertThat(a.offset() % Slot.ALIGNMENT).isZero();
        assertThat(a.offset() + a.bytes()).isLessThanOrEqualTo(total);
        for (int j = 0; j < i; j++) {
          Slot b = slots.get(j);
          boolean apart =
              a.offset() + a.bytes() <= b.offset() || b.offset() + b.bytes() <= a.offset();
          boolean never = times.get(i).stream().noneMatch(times.get(j)::contains);
          assertThat(apart || never).isTrue();
        }
      }
    }
  }
}
