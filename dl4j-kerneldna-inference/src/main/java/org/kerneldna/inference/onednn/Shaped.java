package org.kerneldna.inference.onednn;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Shapes;
import org.kerneldna.graph.pass.Fusion;
import org.kerneldna.inference.onednn.Place.Slot;

/**
 * A program for inputs of certain shapes, fused.
 *
 * @param shapes of all values
 * @param batch the first dimension of the first input
 */
record Shaped(Program program, Map<String, long[]> shapes, long batch) {

  /**
   * Computes all shapes and fuses.
   *
   * @param folded the program for any shapes
   * @throws IllegalArgumentException if the inputs do not fit, see {@link Shapes}
   */
  static Shaped of(Program folded, List<long[]> inputs) {
    long batch = inputs.get(0)[0];
    Map<String, long[]> shapes =
        Shapes.of(
            folded,
            (node, op, shapesOfInputs) -> Opaques.shape(op, batch, shapesOfInputs),
            inputs.toArray(long[][]::new));
    return new Shaped(Fusion.of(folded, shapes), shapes, batch);
  }

  long[] of(String value) {
    return shapes.get(value);
  }

  /** Whether Winograd's algorithm computes any of the convolutions. */
  boolean hasWinograd() {
    try (PointerScope none = new PointerScope()) {
      return program.nodes().stream()
          .anyMatch(
              node ->
                  node.operation() instanceof Convolution op
                      && Convolutions.hasWinograd(
                          op, of(node.input(0)), of(node.input(1)), of(node.name())));
    }
  }

  /**
   * The bytes that values in between take, at least: without copies and scratch memory, which a
   * plan may need.
   */
  long bytes() {
    Map<String, Slot> slots = new HashMap<>();
    int step = 0;
    for (Node node : program.nodes()) {
      if (node.operation() instanceof Parameter) {
        continue;
      }
      Slot slot =
          isView(node) && slots.containsKey(node.input(0))
              ? slots.get(node.input(0))
              : new Slot(Float.BYTES * LongStream.of(of(node.name())).reduce(1, (a, b) -> a * b));
      slots.put(node.name(), slot);
      int now = step++;
      slot.use(now);
      node.inputs().stream().filter(slots::containsKey).forEach(i -> slots.get(i).use(now));
    }
    return Slot.assign(List.copyOf(new HashSet<>(slots.values())));
  }

  /** Whether the output lies where an input does. */
  private static boolean isView(Node node) {
    return node.operation() instanceof Transpose || node.operation() instanceof Reshape;
  }
}
