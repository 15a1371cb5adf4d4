package org.kerneldna.zoo.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** The rule by which each number of the recorded networks follows from its tensor's name. */
final class Filling {

  private Filling() {}

  static float[] of(String name, long... shape) {
    long h = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001b3L;
    }
    DoubleUnaryOperator range = range(name, shape);
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      long z = h + i * 0x9E3779B97F4A7C15L;
      z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
      z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      values[i] = (float) range.applyAsDouble((z >>> 40) / (double) (1 << 24));
    }
    return values;
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
}
