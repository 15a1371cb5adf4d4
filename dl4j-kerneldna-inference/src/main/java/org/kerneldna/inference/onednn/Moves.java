package org.kerneldna.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MULTIPLE_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.resampling_forward;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Shapes;

/** What computes nothing: views and copies. */
@RequiredArgsConstructor
final class Moves {

  private final Tape tape;

  Value concat(Concat op, List<Value> parts, long... out) {
    memory.desc sources = new memory.desc(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      sources.position(i).data(parts.get(i).desc().data());
    }
    sources.position(0);
    Value largest = Collections.max(parts, Comparator.comparing(part -> part.desc().get_size()));
    var chosen =
        tape.first(
            () -> concat(OneDnn.similar(largest.desc(), out), op, sources),
            () -> concat(OneDnn.plain(out), op, sources));
    Value output = tape.create(chosen.dst_desc());
    Map<Integer, Value> arguments = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      arguments.put(DNNL_ARG_MULTIPLE_SRC + i, parts.get(i));
    }
    arguments.put(DNNL_ARG_DST, output);
    tape.run(chosen, arguments);
    return output;
  }

  private static concat.primitive_desc concat(memory.desc out, Concat op, memory.desc sources) {
    return new concat.primitive_desc(out, op.axis(), sources, OneDnn.engine(), Attributes.plain());
  }

  Value slice(Slice op, Value x, long... out) {
    long[] from = new long[out.length];
    from[op.axis()] = Shapes.at(op.from(), x.shape()[op.axis()]);
    Value source = OneDnn.part(x.desc(), out, from).isPresent() ? x : tape.plain(x);
    Value output = tape.create(OneDnn.similar(source.desc(), out));
    tape.copy(source.seen(OneDnn.part(source.desc(), out, from).orElseThrow()), output);
    return output;
  }

  Value embedding(String vertex, Value x, Value table, long... out) {
    Value rows = tape.owned(tape.plain(table));
    Value output = tape.create(OneDnn.plain(out));
    tape.run(
        "rows",
        memory -> pick(vertex, memory[0], memory[1], memory[2]),
        tape.owned(tape.plain(x)),
        rows,
        output);
    return output;
  }

  private static void pick(String vertex, FloatBuffer indices, FloatBuffer table, FloatBuffer out) {
    int columns = out.remaining() / indices.remaining();
    int rows = table.remaining() / columns;
    while (indices.hasRemaining()) {
      int row = (int) indices.get();
      if (row < 0 || row >= rows) {
        throw new IllegalArgumentException(
            "\"%s\" has rows 0 to %d, got %d".formatted(vertex, rows - 1, row));
      }
      out.put(table.slice(row * columns, columns));
    }
  }

  Value pad(Pad op, Value x, long... out) {
    Value output = tape.create(OneDnn.similar(x.desc(), out));
    tape.run("zero", memory -> zero(memory[0]), output);
    memory.desc inside =
        OneDnn.part(output.desc(), x.shape(), 0, 0, op.top(), op.left()).orElseThrow();
    tape.copy(x, output.seen(inside));
    return output;
  }

  private static void zero(FloatBuffer numbers) {
    while (numbers.hasRemaining()) {
      numbers.put(0);
    }
  }

  Value upsample(Value x, long... out) {
    var desc =
        new resampling_forward.desc(
            Planner.INFERENCE, algorithm.resampling_nearest.value, x.desc(), OneDnn.any(out));
    var chosen =
        tape.first(
            () ->
                new resampling_forward.primitive_desc(
                    desc, Attributes.plain(), OneDnn.engine(), true));
    Value output = tape.create(chosen.dst_desc());
    tape.run(chosen, Map.of(DNNL_ARG_SRC, x, DNNL_ARG_DST, output));
    return output;
  }

  /** A copy of the input as [N, row in block, column in block, C, H / block, W / block]. */
  Value spaceToDepth(SpaceToDepth op, Value x, long... out) {
    long[] s = x.shape();
    long b = op.block();
    long row = s[3];
    long channel = s[2] * row;
    long[] shape = {s[0], b, b, s[1], out[2], out[3]};
    memory.desc cut = OneDnn.strided(shape, s[1] * channel, row, 1, channel, b * row, b);
    Value output = tape.create(OneDnn.plain(shape));
    tape.copy(tape.plain(x).seen(cut), output);
    return output.seen(OneDnn.plain(out));
  }

  Value transpose(Transpose op, Value x) {
    return x.shape().length == op.order().length
        ? x.seen(OneDnn.permuted(x.desc(), op.order()))
        : x;
  }
}
