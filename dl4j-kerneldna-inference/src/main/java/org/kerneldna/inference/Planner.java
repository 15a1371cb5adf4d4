package org.kerneldna.inference;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_OUTPUT_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.kerneldna.inference.Step.Activate;
import org.kerneldna.inference.Step.Add;
import org.kerneldna.inference.Step.Affine;
import org.kerneldna.inference.Step.ChannelNorm;
import org.kerneldna.inference.Step.Conv;
import org.kerneldna.inference.Step.Gate;
import org.kerneldna.inference.Step.GlobalPool;
import org.kerneldna.inference.Step.Linear;
import org.kerneldna.inference.Step.MaxPool;
import org.kerneldna.inference.Step.Softmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Plans a program for inputs of certain shapes: chooses layouts, makes oneDNN's primitives, packs
 * weights and assigns memory. Values that nobody reads any more leave theirs to later ones, and
 * what can be computed in place is.
 */
final class Planner {

  private static final int INFERENCE = prop_kind.forward_inference.value;

  /** Whether images lie in blocks of channels, as Winograd's algorithm wants them. */
  private final boolean blocked;

  private final Weights weights;
  private final stream stream = new stream(OneDnn.engine());
  private final Buffers buffers = new Buffers();
  private final List<Runnable> actions = new ArrayList<>();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Integer> readers;
  private final VertexRunner vertices;

  /**
   * An array in memory.
   *
   * @param buffer where it lies; null for the network's input, which is the caller's
   */
  private record Value(memory memory, BytePointer buffer) {

    memory.desc desc() {
      return memory.get_desc();
    }

    long[] shape() {
      return OneDnn.shape(desc());
    }
  }

  private Planner(Program program, Weights weights, VertexRunner vertices) {
    this.blocked = program.hasWinograd();
    this.weights = weights;
    this.vertices = vertices;
    this.readers = program.readers();
  }

  /**
   * A plan.
   *
   * @param inputs layouts and shapes of the program's inputs
   */
  static Plan plan(
      Program program, Weights weights, VertexRunner vertices, List<memory.desc> inputs) {
    Planner planner = new Planner(program, weights, vertices);
    List<memory> given = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      memory input = new memory(inputs.get(i), OneDnn.engine(), new Pointer());
      planner.values.put(program.inputs().get(i), new Value(input, null));
      given.add(input);
    }
    program.steps().forEach(planner::add);
    List<memory> outputs = program.outputs().stream().map(planner::output).toList();
    return new Plan(planner.stream, planner.actions, given, outputs, planner.buffers.allocated());
  }

  /** What the caller gets: a copy of the value as the graph would have it. */
  private memory output(String name) {
    Value value = values.get(name);
    memory output = new memory(vertices.layout(value.shape()), OneDnn.engine(), new Pointer());
    copy(value.memory, output);
    return output;
  }

  private void add(Step step) {
    Value value;
    if (step instanceof Conv conv) {
      value = convolution(conv);
    } else if (step instanceof Linear linear) {
      value = linear(linear);
    } else if (step instanceof Gate gate) {
      value = gate(gate);
    } else if (step instanceof Affine affine) {
      value = affine(affine);
    } else if (step instanceof ChannelNorm norm) {
      value = channelNorm(norm);
    } else if (step instanceof Add sum) {
      value = sum(sum);
    } else if (step instanceof Activate activate) {
      value = activation(activate);
    } else if (step instanceof MaxPool pool) {
      value = maxPool(pool);
    } else if (step instanceof GlobalPool pool) {
      value = globalPool(pool);
    } else if (step instanceof Softmax softmax) {
      value = softmax(softmax);
    } else {
      value = vertex((Step.Vertex) step);
    }
    values.put(step.name(), value);
    step.inputs().forEach(name -> read(name, value));
  }

  /** Gives the memory of a value back that has been read for the last time. */
  private void read(String name, Value by) {
    BytePointer buffer = values.get(name).buffer;
    if (readers.merge(name, -1, Integer::sum) == 0 && buffer != null && buffer != by.buffer) {
      buffers.give(buffer);
    }
  }

  /** Whether what reads this value now may write over it. */
  private boolean isLastReader(String name) {
    return readers.get(name) == 1 && values.get(name).buffer != null;
  }

  private Value create(memory.desc desc) {
    BytePointer buffer = buffers.take(desc.get_size());
    return new Value(new memory(desc, OneDnn.engine(), buffer), buffer);
  }

  private void run(primitive primitive, Map<Integer, memory> arguments) {
    IntMemoryMap map = new IntMemoryMap();
    arguments.forEach(map::put);
    actions.add(() -> primitive.execute(stream, map));
  }

  /** Runs a primitive that asks for scratch memory, which nobody needs once it has run. */
  private void run(
      primitive_desc_base chosen, primitive primitive, Map<Integer, memory> arguments) {
    memory.desc scratch = chosen.scratchpad_desc();
    if (scratch.get_size() == 0) {
      run(primitive, arguments);
      return;
    }
    Value lent = create(scratch);
    Map<Integer, memory> all = new HashMap<>(arguments);
    all.put(DNNL_ARG_SCRATCHPAD, lent.memory);
    run(primitive, all);
    buffers.give(lent.buffer);
  }

  private void copy(memory from, memory to) {
    run(new reorder(from, to), Map.of(DNNL_ARG_SRC, from, DNNL_ARG_DST, to));
  }

  /** The value in another layout: itself, or a copy to be given back after use. */
  private Value as(memory.desc wanted, Value value) {
    if (value.desc().equals(wanted)) {
      return value;
    }
    Value other = create(wanted);
    copy(value.memory, other.memory);
    return other;
  }

  /** The same value where it may be read in parts: the network's input is copied. */
  private Value inParts(Value value) {
    if (value.buffer != null) {
      return value;
    }
    Value copy = create(value.desc());
    copy(value.memory, copy.memory);
    return copy;
  }

  private void free(Value temporary, Value unless) {
    if (temporary != unless) {
      buffers.give(temporary.buffer);
    }
  }

  private Value convolution(Conv conv) {
    Value x = values.get(conv.input());
    long[] in = x.shape();
    long[] kernel = conv.kernel().shape();
    requireChannels(conv.name(), in[1], conv.depthwise() ? kernel[0] : kernel[1]);
    long[] packed = conv.depthwise() ? new long[] {in[1], 1, 1, kernel[2], kernel[3]} : kernel;
    var chosen = chosen(conv, in, packed);
    Value source = as(chosen.src_desc(), x);
    Value output = summedInto(conv.addend(), chosen.dst_desc());
    run(
        chosen,
        new convolution_forward(chosen),
        Map.of(
            DNNL_ARG_SRC,
            source.memory,
            DNNL_ARG_WEIGHTS,
            weights.get(conv.name(), conv.kernel(), chosen.weights_desc(), packed),
            DNNL_ARG_BIAS,
            vector(conv.name() + " bias", conv.bias()),
            DNNL_ARG_DST,
            output.memory));
    free(source, x);
    return output;
  }

  /** How oneDNN computes a convolution. */
  private convolution_forward.primitive_desc chosen(Conv conv, long[] in, long[] packed) {
    Window window = Window.of(conv, in);
    long channels = conv.kernel().size(0);
    boolean winograd = blocked && OneDnn.suitsWinograd(conv);
    var desc =
        new convolution_forward.desc(
            INFERENCE,
            (winograd ? algorithm.convolution_winograd : algorithm.convolution_direct).value,
            images(in),
            OneDnn.any(packed),
            OneDnn.plain(channels),
            images(in[0], channels, window.height(), window.width()),
            window.stride(),
            window.before(),
            window.after());
    return new convolution_forward.primitive_desc(
        desc, OneDnn.ending(conv.addend() != null, conv.act()), OneDnn.engine());
  }

  /** The layout in which convolutions take and give images. */
  private memory.desc images(long... shape) {
    return blocked && shape[1] % OneDnn.BLOCK == 0
        ? OneDnn.desc(format_tag.aBcd16b, shape)
        : OneDnn.any(shape);
  }

  private static void requireChannels(String name, long given, long taken) {
    if (given != taken) {
      throw new IllegalArgumentException(
          "\"%s\" takes %d channels, and gets %d".formatted(name, taken, given));
    }
  }

  /** Where to write a step's output: over its addend, or a copy of that. */
  private Value summedInto(String addend, memory.desc wanted) {
    if (addend == null) {
      return create(wanted);
    }
    Value value = values.get(addend);
    if (isLastReader(addend) && value.desc().equals(wanted)) {
      return value;
    }
    Value output = create(wanted);
    copy(value.memory, output.memory);
    return output;
  }

  private memory vector(String name, INDArray values) {
    return weights.get(name, values, OneDnn.plain(values.length()), values.length());
  }

  private Value linear(Linear linear) {
    Value x = values.get(linear.input());
    long[] in = x.shape();
    long[] shape = linear.weight().shape();
    requireChannels(linear.name(), in[1], shape[1]);
    var desc =
        new inner_product_forward.desc(
            INFERENCE,
            OneDnn.any(in),
            OneDnn.any(shape),
            OneDnn.plain(shape[0]),
            OneDnn.any(in[0], shape[0]));
    var chosen =
        new inner_product_forward.primitive_desc(
            desc, OneDnn.ending(false, linear.act()), OneDnn.engine());
    Value source = as(chosen.src_desc(), x);
    Value output = create(chosen.dst_desc());
    run(
        chosen,
        new inner_product_forward(chosen),
        Map.of(
            DNNL_ARG_SRC,
            source.memory,
            DNNL_ARG_WEIGHTS,
            weights.get(linear.name(), linear.weight(), chosen.weights_desc(), shape),
            DNNL_ARG_BIAS,
            vector(linear.name() + " bias", linear.bias()),
            DNNL_ARG_DST,
            output.memory));
    free(source, x);
    return output;
  }

  private Value gate(Gate gate) {
    Value x = values.get(gate.input());
    String name = gate.name();
    values.put(name + ":mean", mean(x));
    values.put(
        name + ":hidden",
        linear(
            new Linear(name + ":hidden", name + ":mean", gate.w1(), gate.b1(), Nonlinearity.RELU)));
    Value open =
        linear(
            new Linear(
                name + ":gate", name + ":hidden", gate.w2(), gate.b2(), Nonlinearity.SIGMOID));
    Value plain = as(OneDnn.plain(open.shape()), open);
    Value output = scaled(x, plain);
    free(plain, open);
    for (Value temporary :
        List.of(open, values.remove(name + ":hidden"), values.remove(name + ":mean"))) {
      buffers.give(temporary.buffer);
    }
    return output;
  }

  /**
   * The value times a factor per sample and channel: a copy with scales, since oneDNN's products
   * are fast for factors per channel only.
   */
  private Value scaled(Value value, Value factors) {
    long[] shape = factors.shape();
    memory scales = new memory(OneDnn.plain(shape[0] * shape[1]), OneDnn.engine(), factors.buffer);
    Value output = create(value.desc());
    var chosen =
        new reorder.primitive_desc(
            OneDnn.engine(),
            value.desc(),
            OneDnn.engine(),
            output.desc(),
            OneDnn.scalesPerSampleAndChannel(),
            false);
    run(
        chosen,
        new reorder(chosen),
        Map.of(
            DNNL_ARG_SRC,
            value.memory,
            DNNL_ARG_DST,
            output.memory,
            DNNL_ARG_ATTR_OUTPUT_SCALES,
            scales));
    return output;
  }

  private void multiply(memory a, memory b, memory output) {
    binary(algorithm.binary_mul, a, b, output, Nonlinearity.IDENTITY);
  }

  private void binary(algorithm operation, memory a, memory b, memory output, Nonlinearity act) {
    var desc = new binary.desc(operation.value, a.get_desc(), b.get_desc(), output.get_desc());
    var chosen = new binary.primitive_desc(desc, OneDnn.ending(false, act), OneDnn.engine());
    run(
        chosen,
        new binary(chosen),
        Map.of(DNNL_ARG_SRC_0, a, DNNL_ARG_SRC_1, b, DNNL_ARG_DST, output));
  }

  private Value affine(Affine affine) {
    Value x = values.get(affine.input());
    long[] perChannel = x.shape();
    long channels = affine.scale().length();
    Arrays.fill(perChannel, 1);
    perChannel[1] = channels;
    memory.desc factors = OneDnn.plain(perChannel);
    Value output = isLastReader(affine.input()) ? x : create(x.desc());
    String name = affine.name();
    multiply(
        x.memory, weights.get(name + " scale", affine.scale(), factors, perChannel), output.memory);
    binary(
        algorithm.binary_add,
        output.memory,
        weights.get(name + " shift", affine.shift(), factors, perChannel),
        output.memory,
        Nonlinearity.IDENTITY);
    return output;
  }

  private Value channelNorm(ChannelNorm norm) {
    Value x = values.get(norm.input());
    long[] s = x.shape();
    boolean images = s.length == 4;
    memory.desc channelsLast = images ? OneDnn.desc(format_tag.acdb, s) : OneDnn.plain(s);
    Value source = inParts(as(channelsLast, x));
    Value output = create(channelsLast);
    // The same numbers as [N, H, W, C]: what is normalised is the last dimension.
    memory.desc rows = images ? OneDnn.plain(s[0], s[2], s[3], s[1]) : channelsLast;
    var desc =
        new layer_normalization_forward.desc(
            INFERENCE, rows, (float) norm.eps(), normalization_flags.use_scale_shift.value);
    INDArray scaleShift = Nd4j.vstack(row(norm.gamma()), row(norm.beta()));
    run(
        new layer_normalization_forward(
            new layer_normalization_forward.primitive_desc(desc, OneDnn.engine())),
        Map.of(
            DNNL_ARG_SRC, new memory(rows, OneDnn.engine(), source.buffer),
            DNNL_ARG_SCALE_SHIFT,
                weights.get(norm.name(), scaleShift, OneDnn.plain(2, s[1]), 2, s[1]),
            DNNL_ARG_DST, new memory(rows, OneDnn.engine(), output.buffer)));
    free(source, x);
    return output;
  }

  private static INDArray row(INDArray values) {
    return values.reshape(1, values.length());
  }

  private Value sum(Add sum) {
    Value a = values.get(sum.a());
    Value other = values.get(sum.b());
    Value b = as(a.desc(), other);
    Value output = isLastReader(sum.a()) ? a : create(a.desc());
    binary(algorithm.binary_add, a.memory, b.memory, output.memory, sum.act());
    free(b, other);
    return output;
  }

  private Value activation(Activate activate) {
    Value x = values.get(activate.input());
    Value output = isLastReader(activate.input()) ? x : create(x.desc());
    var desc =
        new eltwise_forward.desc(
            INFERENCE, OneDnn.algorithm(activate.act()), x.desc(), 0, OneDnn.beta(activate.act()));
    run(
        new eltwise_forward(new eltwise_forward.primitive_desc(desc, OneDnn.engine())),
        Map.of(DNNL_ARG_SRC, x.memory, DNNL_ARG_DST, output.memory));
    return output;
  }

  private Value maxPool(MaxPool pool) {
    Value x = values.get(pool.input());
    return pool(algorithm.pooling_max, x, Window.of(pool, x.shape()));
  }

  private Value globalPool(GlobalPool pool) {
    return mean(values.get(pool.input()));
  }

  /** The mean over the positions, [N, C]. */
  private Value mean(Value x) {
    long[] s = x.shape();
    Window all =
        new Window(1, 1, new long[] {s[2], s[3]}, new long[] {1, 1}, new long[2], new long[2]);
    Value mean = pool(algorithm.pooling_avg_exclude_padding, x, all);
    Value plain = as(OneDnn.plain(s[0], s[1], 1, 1), mean);
    free(mean, plain);
    return new Value(
        new memory(OneDnn.plain(s[0], s[1]), OneDnn.engine(), plain.buffer), plain.buffer);
  }

  private Value pool(algorithm kind, Value x, Window window) {
    long[] s = x.shape();
    var desc =
        new pooling_forward.desc(
            INFERENCE,
            kind.value,
            x.desc(),
            OneDnn.any(s[0], s[1], window.height(), window.width()),
            window.stride(),
            window.kernel(),
            window.before(),
            window.after());
    var chosen = new pooling_forward.primitive_desc(desc, OneDnn.engine());
    Value output = create(chosen.dst_desc());
    run(new pooling_forward(chosen), Map.of(DNNL_ARG_SRC, x.memory, DNNL_ARG_DST, output.memory));
    return output;
  }

  private Value softmax(Softmax softmax) {
    Value x = values.get(softmax.input());
    Value source = as(OneDnn.plain(x.shape()), x);
    Value output = create(source.desc());
    var desc =
        new softmax_forward.desc(
            INFERENCE, source.desc(), vertices.lastDimension(x.shape().length));
    run(
        new softmax_forward(new softmax_forward.primitive_desc(desc, OneDnn.engine())),
        Map.of(DNNL_ARG_SRC, source.memory, DNNL_ARG_DST, output.memory));
    free(source, x);
    return output;
  }

  private Value vertex(Step.Vertex step) {
    List<Value> arranged = new ArrayList<>();
    for (String name : step.inputs()) {
      Value value = values.get(name);
      arranged.add(inParts(as(vertices.layout(value.shape()), value)));
    }
    long[][] shapes = arranged.stream().map(Value::shape).toArray(long[][]::new);
    Value output = create(vertices.layout(vertices.outputShape(step.vertex(), shapes)));
    BytePointer[] from = arranged.stream().map(Value::buffer).toArray(BytePointer[]::new);
    actions.add(
        () -> {
          stream._wait();
          vertices.run(step.vertex(), from, shapes, output.buffer);
        });
    for (int i = 0; i < arranged.size(); i++) {
      free(arranged.get(i), values.get(step.inputs().get(i)));
    }
    return output;
  }
}
