package org.kerneldna.inference;

import static org.kerneldna.inference.OnnxGraph.integer;
import static org.kerneldna.inference.OnnxGraph.integers;
import static org.kerneldna.inference.OnnxGraph.text;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
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

/**
 * A program's steps as nodes of an ONNX graph. A step's last node goes by the step's name; those
 * before it, and its weights, by that and what they are: {@code conv1:kernel}.
 */
final class OnnxProgram {

  private static final AttributeProto CHANNELS = integers("axes", 1);

  private final OnnxGraph graph = new OnnxGraph();
  private final Map<String, OnnxShape> shapes;

  private OnnxProgram(Program program) {
    shapes = OnnxShape.of(program);
  }

  /**
   * The graph.
   *
   * @param program of steps that have a form in ONNX
   * @param outputs what the program's outputs shall be called
   */
  static GraphProto of(Program program, List<String> outputs) {
    OnnxProgram onnx = new OnnxProgram(program);
    program.inputs().forEach(name -> onnx.graph.input(name, onnx.shapes.get(name)));
    program.steps().forEach(onnx::add);
    for (int i = 0; i < outputs.size(); i++) {
      onnx.output(program.outputs().get(i), outputs.get(i));
    }
    return onnx.graph.build();
  }

  private void output(String value, String name) {
    if (!value.equals(name)) {
      graph.node("Identity", name, List.of(value));
    }
    graph.output(name, shapes.get(value));
  }

  private void add(Step step) {
    if (step instanceof Conv conv) {
      convolution(conv);
    } else if (step instanceof Linear linear) {
      linear(linear);
    } else if (step instanceof Gate gate) {
      gate(gate);
    } else if (step instanceof Affine affine) {
      affine(affine.name(), affine.input(), affine.scale(), affine.shift());
    } else if (step instanceof ChannelNorm norm) {
      channelNorm(norm);
    } else if (step instanceof Add sum) {
      String before = before(sum.name(), ":sum", sum.act());
      ended(sum.name(), graph.node("Add", before, List.of(sum.a(), sum.b())), sum.act());
    } else if (step instanceof Activate activate) {
      ended(activate.name(), activate.input(), activate.act());
    } else if (step instanceof MaxPool pool) {
      maxPool(pool);
    } else if (step instanceof GlobalPool pool) {
      String mean = graph.node("GlobalAveragePool", pool.name() + ":mean", pool.inputs());
      graph.node("Flatten", pool.name(), List.of(mean), integer("axis", 1));
    } else {
      softmax((Softmax) step);
    }
  }

  private void convolution(Conv conv) {
    String name = conv.name();
    String sum = before(name, ":sum", conv.act());
    String product = conv.addend() == null ? sum : name + ":conv";
    graph.node(
        "Conv",
        product,
        List.of(
            conv.input(),
            graph.tensor(name + ":kernel", conv.kernel(), conv.kernel().shape()),
            vector(name + ":bias", conv.bias())),
        integer("group", conv.depthwise() ? conv.kernel().size(0) : 1),
        integers("strides", longs(conv.stride())),
        conv.same() ? text("auto_pad", "SAME_UPPER") : padding(conv.padding()));
    if (conv.addend() != null) {
      graph.node("Add", sum, List.of(product, conv.addend()));
    }
    ended(name, sum, conv.act());
  }

  private void linear(Linear linear) {
    String name = linear.name();
    String product =
        graph.node(
            "Gemm",
            before(name, ":sum", linear.act()),
            List.of(
                linear.input(),
                graph.tensor(name + ":weight", linear.weight(), linear.weight().shape()),
                vector(name + ":bias", linear.bias())),
            integer("transB", 1));
    ended(name, product, linear.act());
  }

  /** The gate's two linear layers as convolutions of its means, [N, C, 1, 1]. */
  private void gate(Gate gate) {
    String name = gate.name();
    String mean = graph.node("GlobalAveragePool", name + ":mean", gate.inputs());
    String first = pointwise(name + ":1", mean, gate.w1(), gate.b1());
    String hidden = graph.node("Relu", name + ":hidden", List.of(first));
    String second = pointwise(name + ":2", hidden, gate.w2(), gate.b2());
    String factors = graph.node("Sigmoid", name + ":factors", List.of(second));
    graph.node("Mul", name, List.of(gate.input(), factors));
  }

  private String pointwise(String name, String input, INDArray weight, INDArray bias) {
    String kernel = graph.tensor(name + ":kernel", weight, weight.size(0), weight.size(1), 1, 1);
    return graph.node("Conv", name, List.of(input, kernel, vector(name + ":bias", bias)));
  }

  private void affine(String name, String input, INDArray scale, INDArray shift) {
    long[] shape = perChannel(input, scale.length());
    String factors = graph.tensor(name + ":scale", scale, shape);
    String scaled = graph.node("Mul", name + ":scaled", List.of(input, factors));
    graph.node("Add", name, List.of(scaled, graph.tensor(name + ":shift", shift, shape)));
  }

  /** A shape whose numbers meet the channels of {@code value} in an elementwise operation. */
  private long[] perChannel(String value, long channels) {
    return shapes.get(value).isImages() ? new long[] {channels, 1, 1} : new long[] {channels};
  }

  /** Written out, since ONNX's own layer normalisation is younger and wants channels last. */
  private void channelNorm(ChannelNorm norm) {
    String name = norm.name();
    String mean = graph.node("ReduceMean", name + ":mean", norm.inputs(), CHANNELS);
    String centred = graph.node("Sub", name + ":centred", List.of(norm.input(), mean));
    String squares = graph.node("Mul", name + ":squares", List.of(centred, centred));
    String variance = graph.node("ReduceMean", name + ":variance", List.of(squares), CHANNELS);
    String eps = graph.scalar(name + ":eps", norm.eps());
    String positive = graph.node("Add", name + ":positive", List.of(variance, eps));
    String deviation = graph.node("Sqrt", name + ":deviation", List.of(positive));
    String normal = graph.node("Div", name + ":normal", List.of(centred, deviation));
    shapes.put(normal, shapes.get(norm.input()));
    affine(name, normal, norm.gamma(), norm.beta());
  }

  private void maxPool(MaxPool pool) {
    graph.node(
        "MaxPool",
        pool.name(),
        pool.inputs(),
        integers("kernel_shape", longs(pool.kernel())),
        integers("strides", longs(pool.stride())),
        padding(pool.padding()));
  }

  private void softmax(Softmax softmax) {
    if (shapes.get(softmax.input()).isImages()) {
      throw new IllegalArgumentException(
          "Vertex \"%s\" is a softmax of images, which cannot be written as ONNX: give a network "
                  .formatted(softmax.name())
              + "with one of classes");
    }
    graph.node("Softmax", softmax.name(), softmax.inputs(), integer("axis", 1));
  }

  /** What the value before the elementwise function is called, if there is such a function. */
  private static String before(String name, String what, Nonlinearity act) {
    return act == Nonlinearity.IDENTITY ? name : name + what;
  }

  private void ended(String name, String value, Nonlinearity act) {
    switch (act) {
      case IDENTITY -> {}
      case RELU -> graph.node("Relu", name, List.of(value));
      case RELU6 ->
          graph.node(
              "Clip",
              name,
              List.of(value, graph.scalar(name + ":min", 0), graph.scalar(name + ":max", 6)));
      case GELU -> gelu(name, value);
      case SIGMOID -> graph.node("Sigmoid", name, List.of(value));
      case TANH -> graph.node("Tanh", name, List.of(value));
    }
  }

  /** {@code x * (1 + erf(x / sqrt(2))) * 0.5}, the form that runtimes know as the exact GELU. */
  private void gelu(String name, String x) {
    String root = graph.scalar(name + ":root", Math.sqrt(2));
    String scaled = graph.node("Div", name + ":scaled", List.of(x, root));
    String erf = graph.node("Erf", name + ":erf", List.of(scaled));
    String one = graph.scalar(name + ":one", 1);
    String twice = graph.node("Add", name + ":twice", List.of(erf, one));
    String product = graph.node("Mul", name + ":product", List.of(x, twice));
    graph.node("Mul", name, List.of(product, graph.scalar(name + ":half", 0.5)));
  }

  private String vector(String name, INDArray values) {
    return graph.tensor(name, values, values.length());
  }

  private static AttributeProto padding(int... padding) {
    return integers("pads", padding[0], padding[1], padding[0], padding[1]);
  }

  private static long[] longs(int... values) {
    return Arrays.stream(values).asLongStream().toArray();
  }
}
