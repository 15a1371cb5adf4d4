package org.kerneldna.zoo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors whose every number follows from the tensor's name, as in the recorded networks. */
public final class FillingRule {

  private FillingRule() {}

  /** Fills a network. */
  static void fill(ComputationGraph graph, StateDict state) {
    for (StateDict.Entry entry : state.entries()) {
      if (!entry.locations().isEmpty()) {
        state.write(graph, entry.name(), tensor(entry.name(), entry.shape()));
      }
    }
  }

  /** A tensor of a state_dict. */
  public static INDArray tensor(String name, long... shape) {
    return Nd4j.create(values(name, shape), shape, 'c');
  }

  /** Its numbers in C order. */
  public static float[] values(String name, long... shape) {
    return filled(name, range(name, shape), shape);
  }

  /** A network's input. */
  public static INDArray input(String name, long... shape) {
    return Nd4j.create(filled(name, u -> 2 * u - 1, shape), shape, 'c');
  }

  private static DoubleUnaryOperator range(String name, long[] shape) {
    if (name.contains("static_") && name.contains("attn") || name.endsWith("running_mean")) {
      return u -> (u - 0.5) * 0.2;
    }
    if (name.endsWith("running_var")) {
      return u -> 0.75 + 0.5 * u;
    }
    if (name.endsWith("num_batches_tracked")) {
      return u -> 0;
    }
    if (shape.length >= 2) {
      long fanIn = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
      return u -> (2 * u - 1) * Math.sqrt(3.0 / fanIn);
    }
    return name.endsWith(".bias") ? u -> (u - 0.5) * 0.2 : u -> 0.75 + 0.5 * u;
  }

  private static float[] filled(String name, DoubleUnaryOperator range, long[] shape) {
    long h = fnv1a(name);
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) range.applyAsDouble(uniform(h, i));
    }
    return values;
  }

  private static double uniform(long h, long i) {
    long z = h + i * 0x9E3779B97F4A7C15L;
    z ^= z >>> 30;
    z *= 0xBF58476D1CE4E5B9L;
    z ^= z >>> 27;
    z *= 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 40) / (double) (1 << 24);
  }

  private static long fnv1a(String name) {
    long h = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001b3L;
    }
    return h;
  }
}
