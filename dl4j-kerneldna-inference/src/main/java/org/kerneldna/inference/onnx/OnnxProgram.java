package org.kerneldna.inference.onnx;

import static org.kerneldna.inference.onnx.OnnxGraph.integer;
import static org.kerneldna.inference.onnx.OnnxGraph.integers;
import static org.kerneldna.inference.onnx.OnnxGraph.number;
import static org.kerneldna.inference.onnx.OnnxGraph.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.TensorProto;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Operation.Upsample;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Shapes;
import org.kerneldna.graph.Window;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes a program as an ONNX graph. A visit returns the name of the node's value in that graph. Of
 * the ONNX nodes that an operation becomes the last has the node's name; those before it, and the
 * numbers that they need, are named after the node and what they are: {@code norm:mean}.
 */
final class OnnxProgram implements Operation.Visitor<String> {

  private static final AttributeProto CHANNELS = integers("axes", 1);

  private final OnnxGraph graph;
  private final Map<String, Node> nodes;
  private final Map<String, long[]> shapes;

  /** Names of values in the ONNX graph, by their names in the program. */
  private final Map<String, String> values = new HashMap<>();

  private OnnxProgram(Program program, InputShapes inputs, List<String> outputs) {
    nodes = program.byName();
    shapes =
        Shapes.of(program, null, program.inputs().stream().map(inputs::of).toArray(long[][]::new));
    Set<String> names = new HashSet<>(nodes.keySet());
    names.addAll(program.inputs());
    names.addAll(outputs);
    graph = new OnnxGraph(names);
  }

  /**
   * The graph.
   *
   * @param program of operations that have a form in ONNX
   * @param outputs what the program's outputs shall be called
   */
  static GraphProto of(Program program, InputShapes inputs, List<String> outputs) {
    OnnxProgram onnx = new OnnxProgram(program, inputs, outputs);
    for (String input : program.inputs()) {
      onnx.values.put(input, input);
      onnx.graph.input(input, inputs.of(input));
    }
    program.nodes().forEach(node -> onnx.values.put(node.name(), node.accept(onnx)));
    for (int i = 0; i < outputs.size(); i++) {
      onnx.output(program.outputs().get(i), outputs.get(i));
    }
    program.nodes().forEach(onnx::addNumbers);
    return onnx.graph.build();
  }

  private void output(String value, String name) {
    if (!values.get(value).equals(name)) {
      graph.node("Identity", name, List.of(values.get(value)));
    }
    graph.output(name, shapes.get(value));
  }

  /** Adds a parameter that some node reads as it is. */
  private void addNumbers(Node node) {
    if (node.operation() instanceof Parameter parameter && graph.reads(node.name())) {
      graph.tensor(node.name(), parameter.values(), parameter.shape());
    }
  }

  @Override
  public String parameter(Parameter op, Node node) {
    return node.name();
  }

  @Override
  public String convolution(Convolution op, Node node) {
    String before = before(node, op.act());
    String conv = op.summed() ? part(node, "conv") : before;
    if (shape(node, 1).length == 5) {
      perSample(op, node, conv);
    } else {
      graph.node("Conv", conv, inputs(node, op.biased() ? 3 : 2), attributes(op, node));
    }
    if (op.summed()) {
      graph.node("Add", before, List.of(conv, input(node, op.biased() ? 3 : 2)));
    }
    return ended(node, op.act(), before);
  }

  /**
   * A convolution of each sample by a kernel of its own. The positions p of the window become a
   * dimension: {@code y[n, o, h, w]} is the sum of {@code x[n, c, p, h, w] * kernel[n, o, c, p]}
   * over c and p.
   */
  private void perSample(Convolution op, Node node, String name) {
    if (op.groups() != 1) {
      throw new IllegalArgumentException(
          "Vertex \"%s\" convolves each sample in groups by kernels of its own, which cannot be "
                  .formatted(node.vertex())
              + "written as ONNX: give a network without it");
    }
    Window window = window(op.window(), node).padded();
    long[] before = window.before();
    long[] after = window.after();
    String x = padded(part(node, "padded"), input(node, 0), before, after);
    List<String> positions = new ArrayList<>();
    for (long i = 0; i < window.kernel()[0]; i++) {
      for (long j = 0; j < window.kernel()[1]; j++) {
        positions.add(
            position(window, node, x, i * window.dilation()[0], j * window.dilation()[1]));
      }
    }
    String columns = graph.node("Concat", part(node, "columns"), positions, integer("axis", 2));
    String flat = graph.vector(node.name() + ":flat", 0, 0, 0, -1);
    String kernel = graph.node("Reshape", part(node, "kernel"), List.of(input(node, 1), flat));
    String sum = op.biased() ? part(node, "sum") : name;
    graph.node("Einsum", sum, List.of(columns, kernel), text("equation", "ncphw,nocp->nohw"));
    if (op.biased()) {
      graph.node("Add", name, List.of(sum, perChannel(node, 2)));
    }
  }

  /** What one position of the window meets, [N, C, 1, H, W]. */
  private String position(Window window, Node node, String x, long row, long column) {
    long lastRow = row - window.extent(0) + 1;
    long lastColumn = column - window.extent(1) + 1;
    String from = graph.vector(node.name() + ":from", row, column);
    String to =
        graph.vector(
            node.name() + ":to",
            lastRow == 0 ? Slice.END : lastRow,
            lastColumn == 0 ? Slice.END : lastColumn);
    String axes = graph.vector(node.name() + ":axes", 2, 3);
    String steps = graph.vector(node.name() + ":steps", window.stride());
    String met = graph.node("Slice", part(node, "met"), List.of(x, from, to, axes, steps));
    String axis = graph.vector(node.name() + ":axis", 2);
    return graph.node("Unsqueeze", part(node, "position"), List.of(met, axis));
  }

  private AttributeProto[] attributes(Convolution op, Node node) {
    return window(op.window(), node).attributes(integer("group", op.groups()));
  }

  @Override
  public String deconvolution(Deconvolution op, Node node) {
    String before = before(node, op.act());
    AttributeProto[] attributes = window(op.window(), node).transposed();
    graph.node("ConvTranspose", before, inputs(node), attributes);
    return ended(node, op.act(), before);
  }

  @Override
  public String linear(Linear op, Node node) {
    String before = before(node, op.act());
    graph.node("Gemm", before, inputs(node), integer("transB", 1));
    return ended(node, op.act(), before);
  }

  @Override
  public String embedding(Embedding op, Node node) {
    String all = graph.vector(part(node, "all"), -1);
    String flat = graph.node("Reshape", part(node, "flat"), List.of(input(node, 0), all));
    String indices =
        graph.node(
            "Cast",
            part(node, "indices"),
            List.of(flat),
            integer("to", TensorProto.DataType.INT64_VALUE));
    return graph.node("Gather", node.name(), List.of(input(node, 1), indices));
  }

  @Override
  public String batchNorm(BatchNorm op, Node node) {
    return graph.node("BatchNormalization", node.name(), inputs(node), number("epsilon", op.eps()));
  }

  /** Written out, since ONNX's own layer normalisation is younger and wants channels last. */
  @Override
  public String layerNorm(LayerNorm op, Node node) {
    String x = input(node, 0);
    String mean = graph.node("ReduceMean", part(node, "mean"), List.of(x), CHANNELS);
    String centred = graph.node("Sub", part(node, "centred"), List.of(x, mean));
    String squares = graph.node("Mul", part(node, "squares"), List.of(centred, centred));
    String variance = graph.node("ReduceMean", part(node, "variance"), List.of(squares), CHANNELS);
    String eps = graph.scalar(node.name() + ":eps", op.eps());
    String positive = graph.node("Add", part(node, "positive"), List.of(variance, eps));
    String deviation = graph.node("Sqrt", part(node, "deviation"), List.of(positive));
    String normal = graph.node("Div", part(node, "normal"), List.of(centred, deviation));
    return affine(node, normal);
  }

  @Override
  public String affine(Affine op, Node node) {
    return affine(node, input(node, 0));
  }

  private String affine(Node node, String x) {
    String scaled = graph.node("Mul", part(node, "scaled"), List.of(x, perChannel(node, 1)));
    return graph.node("Add", node.name(), List.of(scaled, perChannel(node, 2)));
  }

  @Override
  public String arithmetic(Arithmetic op, Node node) {
    String operator =
        switch (op.kind()) {
          case ADD -> "Add";
          case SUBTRACT -> "Sub";
          case MULTIPLY -> "Mul";
          case DIVIDE -> "Div";
          case MAXIMUM -> "Max";
        };
    String before = before(node, op.act());
    return ended(node, op.act(), graph.node(operator, before, inputs(node)));
  }

  @Override
  public String activate(Activate op, Node node) {
    return new OnnxFunction(graph, node.name()).of(input(node, 0), op.act());
  }

  @Override
  public String softmax(Softmax op, Node node) {
    return graph.node("Softmax", node.name(), inputs(node), integer("axis", op.axis()));
  }

  @Override
  public String pool(Pool op, Node node) {
    OnnxWindow window = window(op.window(), node);
    if (op.kind() == Pool.Kind.MAXIMUM) {
      return graph.node("MaxPool", node.name(), inputs(node), window.attributes());
    }
    if (window.isDilated()) {
      return dilatedMean(op, node);
    }
    AttributeProto all = integer("count_include_pad", op.countsPadding() ? 1 : 0);
    return graph.node("AveragePool", node.name(), inputs(node), window.undilated(all));
  }

  /** A depthwise convolution with ones, since this opset's mean knows no dilation. */
  private String dilatedMean(Pool op, Node node) {
    OnnxWindow window = window(op.window(), node);
    long channels = shape(node, 0)[1];
    if (channels < 0) {
      throw window.sizesNeeded("takes the mean of dilated windows over its channels");
    }
    long[] size = op.window().kernel();
    long[] shape = {channels, 1, size[0], size[1]};
    double share = op.countsPadding() ? 1.0 / (size[0] * size[1]) : 1;
    INDArray shares = Nd4j.valueArrayOf(shape, share, DataType.FLOAT);
    String kernel = graph.tensor(part(node, "kernel"), shares, shape);
    AttributeProto[] attributes = window.attributes(integer("group", channels));
    String x = input(node, 0);
    if (op.countsPadding()) {
      return graph.node("Conv", node.name(), List.of(x, kernel), attributes);
    }
    String sum = graph.node("Conv", part(node, "sum"), List.of(x, kernel), attributes);
    String zero = graph.scalar(node.name() + ":zero", 0);
    String ones = graph.node("Pow", part(node, "ones"), List.of(x, zero));
    String count = graph.node("Conv", part(node, "count"), List.of(ones, kernel), attributes);
    return graph.node("Div", node.name(), List.of(sum, count));
  }

  @Override
  public String reduce(Reduce op, Node node) {
    if (isOverPositions(op, node)) {
      String operator = op.kind() == Reduce.Kind.MEAN ? "GlobalAveragePool" : "GlobalMaxPool";
      String pooled = op.keeps() ? node.name() : part(node, "pooled");
      graph.node(operator, pooled, inputs(node));
      return op.keeps()
          ? pooled
          : graph.node("Flatten", node.name(), List.of(pooled), integer("axis", 1));
    }
    AttributeProto keeps = integer("keepdims", op.keeps() ? 1 : 0);
    long[] axes = Arrays.stream(op.axes()).asLongStream().toArray();
    return switch (op.kind()) {
      case SUM ->
          graph.node(
              "ReduceSum",
              node.name(),
              List.of(input(node, 0), graph.vector(node.name() + ":axes", axes)),
              keeps);
      case MEAN ->
          graph.node("ReduceMean", node.name(), inputs(node), integers("axes", axes), keeps);
      case MAXIMUM ->
          graph.node("ReduceMax", node.name(), inputs(node), integers("axes", axes), keeps);
    };
  }

  /** Whether runtimes have an operator for just that, which they run in a layout of their own. */
  private boolean isOverPositions(Reduce op, Node node) {
    return op.kind() != Reduce.Kind.SUM
        && shape(node, 0).length == 4
        && Arrays.equals(op.axes(), new int[] {2, 3});
  }

  @Override
  public String concat(Concat op, Node node) {
    return graph.node("Concat", node.name(), inputs(node), integer("axis", op.axis()));
  }

  @Override
  public String slice(Slice op, Node node) {
    String from = graph.vector(node.name() + ":from", op.from());
    String to = graph.vector(node.name() + ":to", op.to());
    String axis = graph.vector(node.name() + ":axis", (long) op.axis());
    return graph.node("Slice", node.name(), List.of(input(node, 0), from, to, axis));
  }

  @Override
  public String pad(Pad op, Node node) {
    return padded(
        node.name(),
        input(node, 0),
        new long[] {op.top(), op.left()},
        new long[] {op.bottom(), op.right()});
  }

  private String padded(String name, String x, long[] before, long... after) {
    String zeros =
        graph.vector(name + ":zeros", 0, 0, before[0], before[1], 0, 0, after[0], after[1]);
    return graph.node("Pad", name, List.of(x, zeros));
  }

  @Override
  public String upsample(Upsample op, Node node) {
    String scales = graph.vector(node.name() + ":scales", 1f, 1f, op.height(), op.width());
    return graph.node(
        "Resize",
        node.name(),
        List.of(input(node, 0), "", scales),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }

  @Override
  public String spaceToDepth(SpaceToDepth op, Node node) {
    return graph.node("SpaceToDepth", node.name(), inputs(node), integer("blocksize", op.block()));
  }

  /** ONNX divides alpha by the number of channels. */
  @Override
  public String localResponseNorm(LocalResponseNorm op, Node node) {
    return graph.node(
        "LRN",
        node.name(),
        inputs(node),
        integer("size", op.depth()),
        number("bias", op.k()),
        number("alpha", op.alpha() * op.depth()),
        number("beta", op.beta()));
  }

  @Override
  public String transpose(Transpose op, Node node) {
    long[] order = Arrays.stream(op.order()).asLongStream().toArray();
    return shape(node, 0).length == order.length
        ? graph.node("Transpose", node.name(), inputs(node), integers("perm", order))
        : input(node, 0);
  }

  @Override
  public String reshape(Reshape op, Node node) {
    String shape = graph.vector(node.name() + ":shape", op.shape());
    return graph.node("Reshape", node.name(), List.of(input(node, 0), shape));
  }

  @Override
  public String dropout(Dropout op, Node node) {
    return input(node, 0);
  }

  @Override
  public String opaque(Opaque op, Node node) {
    throw new IllegalStateException(node.name());
  }

  private OnnxWindow window(Window window, Node node) {
    return new OnnxWindow(window, shape(node, 0), node.vertex());
  }

  /** An array [C] in a shape that meets the channels of the first input, elementwise. */
  private String perChannel(Node node, int index) {
    int rank = shape(node, 0).length;
    if (rank == 2) {
      return input(node, index);
    }
    long[] shape = new long[rank - 1];
    Arrays.fill(shape, 1);
    shape[0] = shape(node, index)[0];
    String name = graph.unused(node.input(index) + ":per-channel");
    Node source = nodes.get(node.input(index));
    return source != null && source.operation() instanceof Parameter parameter
        ? graph.tensor(name, parameter.values(), shape)
        : graph.node(
            "Reshape", name, List.of(input(node, index), graph.vector(name + ":shape", shape)));
  }

  private long[] shape(Node node, int index) {
    return shapes.get(node.input(index));
  }

  private String input(Node node, int index) {
    return values.get(node.input(index));
  }

  private List<String> inputs(Node node) {
    return inputs(node, node.inputs().size());
  }

  private List<String> inputs(Node node, int first) {
    return node.inputs().stream().limit(first).map(values::get).toList();
  }

  private String part(Node node, String what) {
    return graph.unused(node.name() + ":" + what);
  }

  /** What the value before the elementwise function is called, if there is such a function. */
  private String before(Node node, Nonlinearity act) {
    return act.isIdentity() ? node.name() : part(node, "linear");
  }

  private String ended(Node node, Nonlinearity act, String before) {
    return act.isIdentity() ? before : new OnnxFunction(graph, node.name()).of(before, act);
  }
}
