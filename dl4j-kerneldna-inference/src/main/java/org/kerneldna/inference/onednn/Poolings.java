package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import lombok.RequiredArgsConstructor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.pooling_v2_forward;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reduction;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Window;

/** Poolings and reductions. */
@RequiredArgsConstructor
final class Poolings {

  private final Tape tape;

  Value pool(Pool op, Value x, long... out) {
    long[] in = x.shape();
    algorithm kind =
        op.kind() == Pool.Kind.MAXIMUM
            ? algorithm.pooling_max
            : op.countsPadding()
                ? algorithm.pooling_avg_include_padding
                : algorithm.pooling_avg_exclude_padding;
    Window window = op.window().on(in[2], in[3]);
    return isWiderThan(window, in) ? byDefinition(op, window, x, out) : pool(kind, x, window, out);
  }

  /** Whether windows may miss the image. oneDNN writes anywhere then. */
  private static boolean isWiderThan(Window window, long... in) {
    return IntStream.range(0, 2)
        .anyMatch(d -> Math.max(window.before()[d], window.after()[d]) > in[2 + d]);
  }

  private Value byDefinition(Pool op, Window window, Value x, long... out) {
    long[] in = x.shape();
    Value from = tape.owned(tape.plain(x));
    Value output = tape.create(OneDnn.plain(out));
    tape.run(
        "pool",
        memory -> {
          while (memory[1].hasRemaining()) {
            int i = memory[1].position();
            int column = (int) (i % out[3]);
            int row = (int) (i / out[3] % out[2]);
            int image = (int) (i / out[3] / out[2] * in[2] * in[3]);
            memory[1].put((float) pooled(op, window, memory[0], image, in, row, column));
          }
        },
        from,
        output);
    return output;
  }

  private static double pooled(
      Pool op, Window window, FloatBuffer from, int image, long[] in, int row, int column) {
    long size = window.kernel()[0] * window.kernel()[1];
    boolean isMaximum = op.kind() == Pool.Kind.MAXIMUM;
    double sum = 0;
    double maximum = Double.NEGATIVE_INFINITY;
    long count = 0;
    for (long k = 0; k < size; k++) {
      long y = at(window, 0, row, k / window.kernel()[1]);
      long z = at(window, 1, column, k % window.kernel()[1]);
      if (y >= 0 && y < in[2] && z >= 0 && z < in[3]) {
        double number = from.get((int) (image + y * in[3] + z));
        sum += number;
        maximum = Math.max(maximum, number);
        count++;
      }
    }
    return isMaximum ? maximum : sum / (op.countsPadding() ? size : count);
  }

  /** Where in the image, or beside it, a number of the kernel lies. */
  private static long at(Window window, int d, long position, long k) {
    return position * window.stride()[d] - window.before()[d] + k * window.dilation()[d];
  }

  private Value pool(algorithm kind, Value x, Window window, long... out) {
    boolean dilated = LongStream.of(window.dilation()).anyMatch(d -> d > 1);
    primitive_desc_base chosen =
        tape.first(() -> dilated ? spread(kind, x, window, out) : dense(kind, x, window, out));
    Value output = tape.create(chosen.dst_desc());
    tape.run(chosen, Map.of(DNNL_ARG_SRC, x, DNNL_ARG_DST, output));
    return output;
  }

  private static primitive_desc_base dense(algorithm kind, Value x, Window window, long... out) {
    var desc =
        new pooling_forward.desc(
            Planner.INFERENCE,
            kind.value,
            x.desc(),
            OneDnn.any(out),
            window.stride(),
            window.kernel(),
            window.before(),
            Convolutions.after(window));
    return new pooling_forward.primitive_desc(desc, Attributes.plain(), OneDnn.engine(), true);
  }

  private static primitive_desc_base spread(algorithm kind, Value x, Window window, long... out) {
    var desc =
        new pooling_v2_forward.desc(
            Planner.INFERENCE,
            kind.value,
            x.desc(),
            OneDnn.any(out),
            window.stride(),
            window.kernel(),
            Convolutions.gaps(window),
            window.before(),
            Convolutions.after(window));
    return new pooling_v2_forward.primitive_desc(desc, Attributes.plain(), OneDnn.engine(), true);
  }

  Value reduce(Reduce op, Value x, long... out) {
    long[] in = x.shape();
    long[] kept =
        IntStream.range(0, in.length)
            .mapToLong(d -> IntStream.of(op.axes()).anyMatch(a -> a == d) ? 1 : in[d])
            .toArray();
    return tape.reshaped(Arrays.equals(in, kept) ? x : reduced(op, x, kept), out);
  }

  private Value reduced(Reduce op, Value x, long... kept) {
    long[] in = x.shape();
    boolean ofImages = in.length == 4 && Arrays.equals(kept, new long[] {in[0], in[1], 1, 1});
    if (ofImages && op.kind() != Reduce.Kind.SUM) {
      algorithm kind =
          op.kind() == Reduce.Kind.MAXIMUM
              ? algorithm.pooling_max
              : algorithm.pooling_avg_exclude_padding;
      long[] one = {1, 1};
      Window all = Window.padded(new long[] {in[2], in[3]}, one, one, 0, 0);
      return pool(kind, x, all, kept);
    }
    Value source = tape.plain(x);
    Value output = tape.create(OneDnn.plain(kept));
    algorithm kind =
        switch (op.kind()) {
          case MAXIMUM -> algorithm.reduction_max;
          case MEAN -> algorithm.reduction_mean;
          case SUM -> algorithm.reduction_sum;
        };
    var desc = new reduction.desc(kind.value, source.desc(), output.desc(), 0, 0);
    var chosen =
        tape.first(
            () -> new reduction.primitive_desc(desc, Attributes.plain(), OneDnn.engine(), true));
    tape.run(chosen, Map.of(DNNL_ARG_SRC, source, DNNL_ARG_DST, output));
    return output;
  }
}
