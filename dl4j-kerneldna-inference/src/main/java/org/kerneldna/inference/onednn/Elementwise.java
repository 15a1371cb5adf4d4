package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_OUTPUT_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.primitive_attr;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Arithmetic;

/** Functions of one number or two. */
@RequiredArgsConstructor
final class Elementwise {

  /** Powers of more are computed as powers, not as products. */
  private static final int MOST_FACTORS = 8;

  private final Tape tape;

  /** A function of each number. */
  Value activated(Value x, Nonlinearity act) {
    return switch (act.function()) {
      case IDENTITY -> x;
      case POWER -> scaled(power(x, act.beta()), act.alpha());
      default -> eltwise(Attributes.algorithm(act), x, tape.inPlace(x), act.alpha(), act.beta());
    };
  }

  private Value scaled(Value x, double factor) {
    return factor == 1 ? x : activated(x, Nonlinearity.linear(factor, 0));
  }

  private Value eltwise(int algorithm, Value x, Value output, double alpha, double beta) {
    var desc =
        new eltwise_forward.desc(
            Planner.INFERENCE, algorithm, x.desc(), (float) alpha, (float) beta);
    var chosen =
        tape.first(
            () ->
                new eltwise_forward.primitive_desc(
                    desc, Attributes.plain(), OneDnn.engine(), true));
    tape.run(chosen, Map.of(DNNL_ARG_SRC, x, DNNL_ARG_DST, output));
    return output;
  }

  private Value power(Value x, double exponent) {
    if (exponent == 1) {
      return x;
    }
    if (exponent == 0.5) {
      return eltwise(algorithm.eltwise_sqrt.value, x, tape.inPlace(x), 0, 0);
    }
    if (exponent == Math.rint(exponent) && exponent > 0 && exponent <= MOST_FACTORS) {
      Value product = eltwise(algorithm.eltwise_square.value, x, tape.create(x.desc()), 0, 0);
      for (int factors = 2; factors < exponent; factors++) {
        binary(Arithmetic.Kind.MULTIPLY, Nonlinearity.IDENTITY, product, x, product);
      }
      return product;
    }
    // In C order there is no padding, whose zeros may have no power.
    Value from = tape.owned(tape.plain(x));
    Value output = tape.create(from.desc());
    tape.run("power", memory -> power(memory[0], exponent, memory[1]), from, output);
    return output;
  }

  private static void power(FloatBuffer from, double exponent, FloatBuffer to) {
    while (from.hasRemaining()) {
      to.put((float) Math.pow(from.get(), exponent));
    }
  }

  /** A factor and an offset per channel. */
  Value affine(Value x, Value scale, Value shift) {
    long[] shape = x.shape();
    long[] perChannel = new long[shape.length];
    Arrays.fill(perChannel, 1);
    perChannel[1] = shape[1];
    Value scaled =
        arithmetic(
            Arithmetic.Kind.MULTIPLY,
            Nonlinearity.IDENTITY,
            x,
            tape.reshaped(scale, perChannel),
            shape);
    return arithmetic(
        Arithmetic.Kind.ADD,
        Nonlinearity.IDENTITY,
        scaled,
        tape.reshaped(shift, perChannel),
        shape);
  }

  /**
   * A function of pairs, then one of each.
   *
   * @param out the output's shape, to which a and b are broadcast
   */
  Value arithmetic(Arithmetic.Kind kind, Nonlinearity act, Value a, Value b, long... out) {
    if (kind == Arithmetic.Kind.MULTIPLY && act.isIdentity()) {
      if (isPerSampleAndChannel(a, b)) {
        return scaled(a, b);
      }
      if (isPerSampleAndChannel(b, a)) {
        return scaled(b, a);
      }
    }
    boolean swap = commutes(kind) && !isWhole(a, out) && isWhole(b, out);
    Value whole = broadcast(swap ? b : a, out);
    Value other = raised(swap ? a : b, out.length);
    boolean pairs = isWhole(other, out);
    // oneDNN broadcasts wrongly to some of the layouts that hardly anybody has.
    Value x = pairs || OneDnn.isUsual(whole.desc()) ? whole : tape.plain(whole);
    Value y = pairs ? tape.arranged(x.desc(), other) : tape.plain(other);
    Value output = tape.inPlace(x);
    return binary(kind, act, x, y, output);
  }

  private static boolean commutes(Arithmetic.Kind kind) {
    return kind != Arithmetic.Kind.SUBTRACT && kind != Arithmetic.Kind.DIVIDE;
  }

  private static boolean isWhole(Value value, long... out) {
    return Arrays.equals(value.shape(), out);
  }

  private Value binary(Arithmetic.Kind kind, Nonlinearity act, Value a, Value b, Value output) {
    var desc =
        new binary.desc(
            switch (kind) {
              case ADD -> algorithm.binary_add.value;
              case SUBTRACT -> algorithm.binary_sub.value;
              case MULTIPLY -> algorithm.binary_mul.value;
              case DIVIDE -> algorithm.binary_div.value;
              case MAXIMUM -> algorithm.binary_max.value;
            },
            a.desc(),
            b.desc(),
            output.desc());
    // With an ending, oneDNN leaves the output as it is where the last block is not full.
    var chosen =
        tape.first(
            OneDnn.isPadded(output.desc()) ? Nonlinearity.IDENTITY : act,
            ending -> new binary.primitive_desc(desc, ending, OneDnn.engine(), true));
    tape.run(chosen, Map.of(DNNL_ARG_SRC_0, a, DNNL_ARG_SRC_1, b, DNNL_ARG_DST, output));
    boolean ends = chosen.get_primitive_attr().get_post_ops().len() > 0;
    return ends ? output : activated(output, act);
  }

  /** With dimensions of size 1 in front. */
  private Value raised(Value value, int rank) {
    long[] shape = value.shape();
    return shape.length == rank ? value : tape.reshaped(value, raised(shape, rank));
  }

  private static long[] raised(long[] shape, int rank) {
    long[] raised = new long[rank];
    Arrays.fill(raised, 1);
    System.arraycopy(shape, 0, raised, rank - shape.length, shape.length);
    return raised;
  }

  /** The value with the whole shape: oneDNN broadcasts the second operand only. */
  private Value broadcast(Value value, long... out) {
    Value raised = raised(value, out.length);
    if (isWhole(raised, out)) {
      return raised;
    }
    long[] shape = raised.shape();
    Value output = tape.create(OneDnn.plain(out));
    tape.run(
        "broadcast",
        memory -> broadcast(memory[0], shape, memory[1], out),
        tape.owned(tape.plain(raised)),
        output);
    return output;
  }

  private static void broadcast(FloatBuffer from, long[] shape, FloatBuffer to, long... out) {
    for (int i = 0; i < to.limit(); i++) {
      long rest = i;
      long index = 0;
      long stride = 1;
      for (int d = out.length - 1; d >= 0; d--) {
        index += shape[d] == 1 ? 0 : rest % out[d] * stride;
        stride *= shape[d];
        rest /= out[d];
      }
      to.put(i, from.get((int) index));
    }
  }

  private static boolean isPerSampleAndChannel(Value factors, Value x) {
    long[] f = factors.shape();
    long[] s = x.shape();
    return s.length > 2
        && f.length == s.length
        && f[0] == s[0]
        && f[1] == s[1]
        && f[0] * f[1] > 1
        && Arrays.stream(f).skip(2).allMatch(size -> size == 1);
  }

  /**
   * The value times a factor per sample and channel: a copy with scales, since oneDNN's products
   * are fast for factors per channel only.
   */
  private Value scaled(Value factors, Value x) {
    long[] f = factors.shape();
    Value scales = tape.plain(tape.reshaped(factors, f[0] * f[1]));
    Value output = tape.create(x.desc());
    primitive_attr scaling = Attributes.scaledPerSampleAndChannel();
    var chosen = tape.first(() -> OneDnn.reorder(x.desc(), output.desc(), scaling).orElseThrow());
    tape.run(
        chosen, Map.of(DNNL_ARG_SRC, x, DNNL_ARG_DST, output, DNNL_ARG_ATTR_OUTPUT_SCALES, scales));
    return output;
  }
}
