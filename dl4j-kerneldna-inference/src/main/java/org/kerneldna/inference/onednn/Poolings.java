package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

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
    return pool(kind, x, op.window().on(in[2], in[3]), out);
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
