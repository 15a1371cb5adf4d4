package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import lombok.RequiredArgsConstructor;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Window;

/** Convolutions and their like: products with a kernel, and what they end with. */
@RequiredArgsConstructor
final class Convolutions {

  private final Tape tape;
  private final Elementwise elementwise;

  /**
   * Whether images lie in blocks of channels, as Winograd's algorithm wants them
   * (arXiv:1509.09308): it takes less than half the time.
   */
  private final boolean blocked;

  /** A convolution before it is known how it is computed. */
  private record Problem(
      Convolution op, long[] in, long[] kernel, long[] out, boolean biased, Window window) {

    Problem(Convolution op, long[] in, long[] kernel, long[] out) {
      this(op, in, kernel, out, op.biased(), op.window().on(in[2], in[3]));
    }

    convolution_forward.primitive_desc by(
        algorithm algorithm, boolean blocked, primitive_attr ending) {
      memory.desc x = images(blocked, in);
      memory.desc y = images(blocked, out);
      memory.desc weights = OneDnn.any(kernel);
      var desc =
          biased
              ? new convolution_forward.desc(
                  Planner.INFERENCE,
                  algorithm.value,
                  x,
                  weights,
                  OneDnn.plain(out[1]),
                  y,
                  window.stride(),
                  gaps(window),
                  window.before(),
                  after(window))
              : new convolution_forward.desc(
                  Planner.INFERENCE,
                  algorithm.value,
                  x,
                  weights,
                  y,
                  window.stride(),
                  gaps(window),
                  window.before(),
                  after(window));
      return new convolution_forward.primitive_desc(desc, ending, OneDnn.engine(), true);
    }

    private static memory.desc images(boolean blocked, long... shape) {
      return Optional.of(shape)
          .filter(s -> blocked)
          .flatMap(OneDnn::blocked)
          .orElseGet(() -> OneDnn.any(shape));
    }

    convolution_forward.primitive_desc byWinograd() {
      return OneDnn.blocked(in).isEmpty() || OneDnn.blocked(out).isEmpty()
          ? new convolution_forward.primitive_desc()
          : by(algorithm.convolution_winograd, true, ending());
    }

    primitive_attr ending() {
      return Attributes.ending(op.summed(), op.act());
    }
  }

  /** Whether oneDNN computes a convolution by Winograd's algorithm, with all that it ends with. */
  static boolean hasWinograd(Convolution op, long[] in, long[] kernel, long... out) {
    if (kernel.length != 4 || op.groups() != 1) {
      return false;
    }
    try {
      return new Problem(op, in, kernel, out).byWinograd().asBoolean();
    } catch (RuntimeException e) {
      return false; // How oneDNN says that it takes no such arguments.
    }
  }

  /**
   * A convolution.
   *
   * @param bias null for none
   * @param addend null for none
   */
  Value convolution(
      Convolution op, Value x, Value kernel, Value bias, Value addend, long... outputShape) {
    if (kernel.shape().length == 5) {
      return perSample(op, x, kernel, bias, addend, outputShape);
    }
    Value weights = grouped(kernel, op.groups());
    Problem problem = new Problem(op, x.shape(), weights.shape(), outputShape);
    var chosen =
        tape.first(
            () -> blocked ? problem.byWinograd() : new convolution_forward.primitive_desc(),
            () -> problem.by(algorithm.convolution_direct, blocked, problem.ending()),
            () -> problem.by(algorithm.convolution_auto, false, problem.ending()),
            () -> problem.by(algorithm.convolution_auto, false, Attributes.plain()));
    return ended(chosen, x, weights, bias, addend, op.act());
  }

  /** Runs a primitive; what it has not in its attributes comes after it. */
  private Value ended(
      primitive_desc_base chosen,
      Value x,
      Value weights,
      Value bias,
      Value addend,
      Nonlinearity act) {
    boolean ends = chosen.get_primitive_attr().get_post_ops().len() > 0;
    Value output =
        ends && addend != null
            ? tape.summand(chosen.dst_desc(), addend)
            : tape.create(chosen.dst_desc());
    Map<Integer, Value> arguments = new HashMap<>();
    arguments.put(DNNL_ARG_SRC, tape.arranged(chosen.src_desc(), x));
    arguments.put(DNNL_ARG_WEIGHTS, tape.arranged(chosen.weights_desc(), weights));
    arguments.put(DNNL_ARG_DST, output);
    if (bias != null) {
      arguments.put(DNNL_ARG_BIAS, tape.plain(bias));
    }
    tape.run(chosen, arguments);
    return ends ? output : ended(output, addend, act);
  }

  private Value ended(Value output, Value addend, Nonlinearity act) {
    return addend == null
        ? elementwise.activated(output, act)
        : elementwise.arithmetic(Arithmetic.Kind.ADD, act, output, addend, output.shape());
  }

  /** A kernel as oneDNN wants it: with a dimension for the groups, if there are several. */
  private Value grouped(Value kernel, long groups) {
    long[] k = kernel.shape();
    return groups == 1 ? kernel : tape.reshaped(kernel, groups, k[0] / groups, k[1], k[2], k[3]);
  }

  /** Each sample is a group of channels of one image. */
  private Value perSample(
      Convolution op, Value x, Value kernel, Value bias, Value addend, long... out) {
    long[] in = x.shape();
    long[] k = kernel.shape();
    Value together = tape.reshaped(x, 1, in[0] * in[1], in[2], in[3]);
    Value kernels = tape.reshaped(kernel, k[0] * k[1], k[2], k[3], k[4]);
    Convolution linear = new Convolution(op.window(), op.groups() * k[0], false);
    Value output =
        convolution(linear, together, kernels, null, null, 1, k[0] * k[1], out[2], out[3]);
    Value apart = tape.reshaped(output, out);
    if (bias == null) {
      return ended(apart, addend, op.act());
    }
    Value biased =
        elementwise.arithmetic(
            Arithmetic.Kind.ADD,
            addend == null ? op.act() : Nonlinearity.IDENTITY,
            apart,
            tape.reshaped(bias, 1, k[1], 1, 1),
            out);
    return addend == null ? biased : ended(biased, addend, op.act());
  }

  /** A transposed convolution. */
  Value deconvolution(Deconvolution op, Value x, Value kernel, Value bias, long... out) {
    Window window = op.window().on(out[2], out[3]);
    // oneDNN has the output's channels first.
    Value weights = kernel.seen(OneDnn.permuted(kernel.desc(), 1, 0, 2, 3));
    memory.desc wanted = OneDnn.any(weights.shape());
    var desc =
        bias == null
            ? new deconvolution_forward.desc(
                Planner.INFERENCE,
                algorithm.deconvolution_direct.value,
                OneDnn.any(x.shape()),
                wanted,
                OneDnn.any(out),
                window.stride(),
                gaps(window),
                window.before(),
                after(window))
            : new deconvolution_forward.desc(
                Planner.INFERENCE,
                algorithm.deconvolution_direct.value,
                OneDnn.any(x.shape()),
                wanted,
                OneDnn.plain(out[1]),
                OneDnn.any(out),
                window.stride(),
                gaps(window),
                window.before(),
                after(window));
    var chosen =
        tape.first(
            op.act(),
            ending ->
                new deconvolution_forward.primitive_desc(desc, ending, OneDnn.engine(), true));
    return ended(chosen, x, weights, bias, null, op.act());
  }

  /** A linear layer. */
  Value linear(Linear op, Value x, Value weight, Value bias) {
    long[] in = x.shape();
    long[] shape = weight.shape();
    var desc =
        bias == null
            ? new inner_product_forward.desc(
                Planner.INFERENCE, OneDnn.any(in), OneDnn.any(shape), OneDnn.any(in[0], shape[0]))
            : new inner_product_forward.desc(
                Planner.INFERENCE,
                OneDnn.any(in),
                OneDnn.any(shape),
                OneDnn.plain(shape[0]),
                OneDnn.any(in[0], shape[0]));
    var chosen =
        tape.first(
            op.act(),
            ending ->
                new inner_product_forward.primitive_desc(desc, ending, OneDnn.engine(), true));
    return ended(chosen, x, weight, bias, null, op.act());
  }

  /** How many numbers lie between those that a kernel reads. */
  static long[] gaps(Window window) {
    return LongStream.of(window.dilation()).map(d -> d - 1).toArray();
  }

  /** Rows and columns at the end that no window reaches are no padding. */
  static long[] after(Window window) {
    return LongStream.of(window.after()).map(padding -> Math.max(padding, 0)).toArray();
  }
}
