package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import java.util.Map;
import java.util.stream.IntStream;
import lombok.RequiredArgsConstructor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.lrn_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_forward;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Softmax;

/** What brings numbers into proportion with their neighbours. */
@RequiredArgsConstructor
final class Normalisations {

  private final Tape tape;

  Value layerNorm(LayerNorm op, Value x, Value gamma, Value beta) {
    long[] shape = x.shape();
    int rank = shape.length;
    // oneDNN normalises the last dimension.
    int[] last =
        IntStream.range(0, rank).map(d -> d == 0 ? 0 : d == rank - 1 ? 1 : d + 1).toArray();
    int[] back =
        IntStream.range(0, rank).map(d -> d == 0 ? 0 : d == 1 ? rank - 1 : d - 1).toArray();
    memory.desc rows = OneDnn.plain(IntStream.of(last).mapToLong(d -> shape[d]).toArray());
    memory.desc channelsLast = OneDnn.permuted(rows, back);
    Value source = tape.arranged(channelsLast, x).seen(rows);
    Value output = tape.create(rows);
    var desc =
        new layer_normalization_forward.desc(
            Planner.INFERENCE,
            rows,
            (float) op.eps(),
            normalization_flags.use_scale.value | normalization_flags.use_shift.value);
    var chosen =
        tape.first(
            () ->
                new layer_normalization_forward.primitive_desc(
                    desc, Attributes.plain(), OneDnn.engine(), true));
    tape.run(
        chosen,
        Map.of(
            DNNL_ARG_SRC,
            source,
            DNNL_ARG_SCALE,
            tape.plain(gamma),
            DNNL_ARG_SHIFT,
            tape.plain(beta),
            DNNL_ARG_DST,
            output));
    return output.seen(channelsLast);
  }

  Value softmax(Softmax op, Value x) {
    Value source = tape.plain(x);
    Value output = tape.inPlace(source);
    var desc =
        new softmax_forward.desc(
            Planner.INFERENCE, source.desc(), Math.floorMod(op.axis(), x.shape().length));
    var chosen =
        tape.first(
            () ->
                new softmax_forward.primitive_desc(
                    desc, Attributes.plain(), OneDnn.engine(), true));
    tape.run(chosen, Map.of(DNNL_ARG_SRC, source, DNNL_ARG_DST, output));
    return output;
  }

  Value localResponseNorm(LocalResponseNorm op, Value x) {
    Value plain = tape.plain(x);
    Value output = tape.create(plain.desc());
    var desc =
        new lrn_forward.desc(
            Planner.INFERENCE,
            algorithm.lrn_across_channels.value,
            plain.desc(),
            op.depth(),
            // oneDNN takes the mean over the neighbours, not the sum.
            (float) (op.alpha() * op.depth()),
            (float) op.beta(),
            (float) op.k());
    var chosen =
        tape.first(
            () -> new lrn_forward.primitive_desc(desc, Attributes.plain(), OneDnn.engine(), true));
    tape.run(chosen, Map.of(DNNL_ARG_SRC, plain, DNNL_ARG_DST, output));
    return output;
  }
}
