package org.kerneldna.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Erf;
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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What a program computes at inference, by the definitions of its operations, in DOUBLE: the
 * measure of readers, passes and backends.
 */
public final class Interpreter implements Operation.Visitor<INDArray> {

  private final Map<String, INDArray> values = new HashMap<>();
  private final long batch;

  private Interpreter(long batch) {
    this.batch = batch;
  }

  /**
   * All values of a program by name, DOUBLE in C order.
   *
   * @throws AssertionError if a value has another shape than {@link Shapes} says
   */
  public static Map<String, INDArray> values(Program program, INDArray... inputs) {
    Interpreter interpreter = new Interpreter(inputs[0].size(0));
    for (int i = 0; i < inputs.length; i++) {
      interpreter.values.put(program.inputs().get(i), ordered(inputs[i]));
    }
    for (Node node : program.nodes()) {
      interpreter.values.put(node.name(), ordered(node.accept(interpreter)));
    }
    interpreter.requireShapes(program, inputs);
    return interpreter.values;
  }

  private void requireShapes(Program program, INDArray... inputs) {
    long[][] given = Arrays.stream(inputs).map(INDArray::shape).toArray(long[][]::new);
    Shapes.of(program, (node, op, of) -> values.get(node.name()).shape(), given)
        .forEach(
            (name, shape) -> {
              if (!Arrays.equals(shape, values.get(name).shape())) {
                throw new AssertionError(
                    "%s has shape %s, not %s as the language says"
                        .formatted(
                            name,
                            Arrays.toString(values.get(name).shape()),
                            Arrays.toString(shape)));
              }
            });
  }

  /** A program's outputs, DOUBLE. */
  public static List<INDArray> outputs(Program program, INDArray... inputs) {
    Map<String, INDArray> values = values(program, inputs);
    return program.outputs().stream().map(values::get).toList();
  }

  @Override
  public INDArray parameter(Parameter op, Node node) {
    return op.values();
  }

  @Override
  public INDArray convolution(Convolution op, Node node) {
    INDArray x = input(node, 0);
    INDArray kernels = input(node, 1);
    INDArray y = kernels.rank() == 5 ? perSample(op, x, kernels) : convolved(op, x, kernels);
    int next = 2;
    y = op.biased() ? y.add(perChannel(input(node, next++), y)) : y;
    y = op.summed() ? y.add(input(node, next)) : y;
    return applied(op.act(), y);
  }

  private static INDArray perSample(Convolution op, INDArray x, INDArray kernels) {
    INDArray[] samples =
        IntStream.range(0, (int) x.size(0))
            .mapToObj(n -> convolved(op, part(x, 0, n, n + 1), kernels.slice(n).dup('c')))
            .toArray(INDArray[]::new);
    return Nd4j.concat(0, samples);
  }

  /** Adds up kernels times what they see at each output, sample by sample and group by group. */
  private static INDArray convolved(Convolution op, INDArray x, INDArray kernel) {
    Window w = op.window().on(x.size(2), x.size(3));
    Image from = new Image(x);
    int outputs = (int) kernel.size(0);
    int channels = (int) kernel.size(1);
    int positions = (int) (w.kernel()[0] * w.kernel()[1]);
    int perGroup = outputs / (int) op.groups();
    int rows = channels * positions;
    long height = w.outputSize(x.size(2), 0);
    Image to = Image.zeros(x.size(0), outputs, height, w.outputSize(x.size(3), 1));
    int size = to.height() * to.width();
    double[] k = kernel.data().asDouble();
    for (int group = 0; group < from.batch() * op.groups(); group++) {
      double[] seen = new double[rows * size];
      Image.Step copy = (output, input) -> seen[output] = from.data()[input];
      for (int row = 0; row < rows; row++) {
        from.overlaps(w, row % positions, group * channels + row / positions, row, to, copy);
      }
      int first = group * perGroup;
      IntStream.range(first, first + perGroup)
          .parallel()
          .forEach(plane -> add(k, plane % outputs * rows, seen, to.data(), plane * size, size));
    }
    return to.array();
  }

  private static void add(double[] k, int first, double[] seen, double[] to, int at, int size) {
    for (int row = 0; row < seen.length / size; row++) {
      double weight = k[first + row];
      for (int i = 0; i < size; i++) {
        to[at + i] += weight * seen[row * size + i];
      }
    }
  }

  @Override
  public INDArray deconvolution(Deconvolution op, Node node) {
    INDArray x = input(node, 0);
    INDArray kernel = input(node, 1);
    long height = op.window().transposedSize(x.size(2), 0);
    long width = op.window().transposedSize(x.size(3), 1);
    Window w = op.window().on(height, width);
    Image small = new Image(x);
    Image large = Image.zeros(x.size(0), kernel.size(1), height, width);
    double[] k = kernel.data().asDouble();
    int positions = (int) (w.kernel()[0] * w.kernel()[1]);
    for (int n = 0; n < small.batch(); n++) {
      for (int c = 0; c < small.channels(); c++) {
        for (int o = 0; o < large.channels(); o++) {
          for (int p = 0; p < positions; p++) {
            double weight = k[(c * large.channels() + o) * positions + p];
            Image.Step step = (s, l) -> large.data()[l] += weight * small.data()[s];
            int of = n * large.channels() + o;
            large.overlaps(w, p, of, n * small.channels() + c, small, step);
          }
        }
      }
    }
    INDArray y = large.array();
    return applied(op.act(), op.biased() ? y.add(perChannel(input(node, 2), y)) : y);
  }

  @Override
  public INDArray linear(Linear op, Node node) {
    INDArray y = input(node, 0).mmul(input(node, 1).transpose());
    return applied(op.act(), op.biased() ? y.addRowVector(input(node, 2)) : y);
  }

  @Override
  public INDArray embedding(Embedding op, Node node) {
    return Nd4j.pullRows(input(node, 1), 1, input(node, 0).toIntVector());
  }

  @Override
  public INDArray batchNorm(BatchNorm op, Node node) {
    INDArray x = input(node, 0);
    INDArray scale = Transforms.sqrt(input(node, 4).add(op.eps())).rdiv(input(node, 1));
    INDArray centred = x.sub(perChannel(input(node, 3), x));
    return centred.mul(perChannel(scale, x)).add(perChannel(input(node, 2), x));
  }

  @Override
  public INDArray layerNorm(LayerNorm op, Node node) {
    INDArray x = input(node, 0);
    INDArray centred = x.sub(x.mean(true, 1));
    INDArray deviation = Transforms.sqrt(centred.mul(centred).mean(true, 1).add(op.eps()));
    INDArray gamma = perChannel(input(node, 1), x);
    return centred.div(deviation).mul(gamma).add(perChannel(input(node, 2), x));
  }

  @Override
  public INDArray affine(Affine op, Node node) {
    INDArray x = input(node, 0);
    return x.mul(perChannel(input(node, 1), x)).add(perChannel(input(node, 2), x));
  }

  @Override
  public INDArray arithmetic(Arithmetic op, Node node) {
    INDArray a = input(node, 0);
    INDArray b = input(node, 1);
    int rank = Math.max(a.rank(), b.rank());
    a = ofRank(rank, a);
    b = ofRank(rank, b);
    return applied(
        op.act(),
        switch (op.kind()) {
          case ADD -> a.add(b);
          case SUBTRACT -> a.sub(b);
          case MULTIPLY -> a.mul(b);
          case DIVIDE -> a.div(b);
          case MAXIMUM -> Nd4j.math().max(a, b);
        });
  }

  @Override
  public INDArray activate(Activate op, Node node) {
    return applied(op.act(), input(node, 0));
  }

  private static INDArray applied(Nonlinearity act, INDArray x) {
    double[] numbers = ordered(x).data().asDouble();
    DoubleUnaryOperator function = function(act);
    Arrays.setAll(numbers, i -> function.applyAsDouble(numbers[i]));
    return Nd4j.create(numbers, x.shape(), 'c');
  }

  /** What a nonlinearity is by definition. */
  private static DoubleUnaryOperator function(Nonlinearity act) {
    double a = act.alpha();
    double b = act.beta();
    return switch (act.function()) {
      case IDENTITY -> x -> x;
      case LINEAR -> x -> a * x + b;
      case RELU -> x -> x > 0 ? x : a * x;
      case CLIP -> x -> Math.min(Math.max(x, a), b);
      case ELU -> x -> x > 0 ? x : a * Math.expm1(x);
      case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
      case TANH -> Math::tanh;
      case GELU -> x -> x * (1 + Erf.erf(x / Math.sqrt(2))) / 2;
      case GELU_TANH ->
          x -> x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
      case SOFTPLUS -> Interpreter::softplus;
      case SWISH -> x -> x / (1 + Math.exp(-a * x));
      case MISH -> x -> x * Math.tanh(softplus(x));
      case EXP -> Math::exp;
      case ABS -> Math::abs;
      case POWER -> x -> a * Math.pow(x, b);
    };
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  @Override
  public INDArray softmax(Softmax op, Node node) {
    INDArray x = input(node, 0);
    int axis = Math.floorMod(op.axis(), x.rank());
    INDArray powers = Transforms.exp(x.sub(x.max(true, axis)));
    return powers.div(powers.sum(true, axis));
  }

  @Override
  public INDArray pool(Pool op, Node node) {
    INDArray x = input(node, 0);
    boolean mean = op.kind() == Pool.Kind.MEAN;
    Window w = op.window().on(x.size(2), x.size(3));
    Image from = new Image(x);
    Image to =
        Image.zeros(x.size(0), x.size(1), w.outputSize(x.size(2), 0), w.outputSize(x.size(3), 1));
    double[] counts = new double[to.data().length];
    Arrays.fill(to.data(), mean ? 0 : Double.NEGATIVE_INFINITY);
    int positions = (int) (w.kernel()[0] * w.kernel()[1]);
    for (int plane = 0; plane < to.batch() * to.channels(); plane++) {
      for (int p = 0; p < positions; p++) {
        Image.Step step =
            (y, x0) -> {
              double value = from.data()[x0];
              to.data()[y] = mean ? to.data()[y] + value : Math.max(to.data()[y], value);
              counts[y]++;
            };
        from.overlaps(w, p, plane, plane, to, step);
      }
    }
    if (mean) {
      Arrays.setAll(to.data(), i -> to.data()[i] / (op.countsPadding() ? positions : counts[i]));
    }
    return to.array();
  }

  @Override
  public INDArray reduce(Reduce op, Node node) {
    INDArray x = input(node, 0);
    return switch (op.kind()) {
      case MAXIMUM -> x.max(op.keeps(), op.axes());
      case MEAN -> x.mean(op.keeps(), op.axes());
      case SUM -> x.sum(op.keeps(), op.axes());
    };
  }

  @Override
  public INDArray concat(Concat op, Node node) {
    return Nd4j.concat(op.axis(), node.inputs().stream().map(values::get).toArray(INDArray[]::new));
  }

  @Override
  public INDArray slice(Slice op, Node node) {
    INDArray x = input(node, 0);
    long size = x.size(op.axis());
    return part(x, op.axis(), Shapes.at(op.from(), size), Shapes.at(op.to(), size));
  }

  private static INDArray part(INDArray x, int axis, long from, long to) {
    INDArrayIndex[] indices = new INDArrayIndex[x.rank()];
    Arrays.fill(indices, NDArrayIndex.all());
    indices[axis] = NDArrayIndex.interval(from, to);
    long[] shape = x.shape().clone();
    shape[axis] = to - from;
    return x.get(indices).dup('c').reshape('c', shape);
  }

  @Override
  public INDArray pad(Pad op, Node node) {
    INDArray x = input(node, 0);
    int[][] zeros = {
      {0, 0}, {0, 0}, {(int) op.top(), (int) op.bottom()}, {(int) op.left(), (int) op.right()}
    };
    return Nd4j.pad(x, zeros);
  }

  @Override
  public INDArray upsample(Upsample op, Node node) {
    INDArray x = input(node, 0);
    return x.repeat(2, op.height()).repeat(3, op.width());
  }

  @Override
  public INDArray spaceToDepth(SpaceToDepth op, Node node) {
    INDArray x = input(node, 0);
    long b = op.block();
    long[] s = x.shape();
    return x.reshape('c', s[0], s[1], s[2] / b, b, s[3] / b, b)
        .permute(0, 3, 5, 1, 2, 4)
        .dup('c')
        .reshape('c', s[0], s[1] * b * b, s[2] / b, s[3] / b);
  }

  @Override
  public INDArray localResponseNorm(LocalResponseNorm op, Node node) {
    INDArray x = input(node, 0);
    INDArray sums = x.like();
    for (long c = 0; c < x.size(1); c++) {
      long from = Math.max(0, c - op.depth() / 2);
      INDArray near = part(x, 1, from, Math.min(x.size(1), c + op.depth() / 2 + 1));
      part(sums, c).assign(near.mul(near).sum(true, 1));
    }
    return x.div(Transforms.pow(sums.mul(op.alpha()).add(op.k()), op.beta()));
  }

  private static INDArray part(INDArray x, long channel) {
    return x.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval(channel, channel + 1),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  @Override
  public INDArray transpose(Transpose op, Node node) {
    INDArray x = input(node, 0);
    return x.rank() == op.order().length ? x.permute(op.order()) : x;
  }

  @Override
  public INDArray reshape(Reshape op, Node node) {
    INDArray x = input(node, 0);
    long[] shape =
        IntStream.range(0, op.shape().length)
            .mapToLong(d -> op.shape()[d] == 0 ? x.size(d) : op.shape()[d])
            .toArray();
    return x.reshape('c', shape);
  }

  @Override
  public INDArray dropout(Dropout op, Node node) {
    return input(node, 0);
  }

  @Override
  public INDArray opaque(Opaque op, Node node) {
    INDArray[] inputs =
        node.inputs().stream()
            .map(name -> values.get(name).castTo(DataType.FLOAT))
            .toArray(INDArray[]::new);
    return op.function().apply(batch, inputs);
  }

  private INDArray input(Node node, int index) {
    return values.get(node.input(index));
  }

  private static INDArray ordered(INDArray x) {
    return Nd4j.createUninitialized(DataType.DOUBLE, x.shape(), 'c').assign(x);
  }

  private static INDArray perChannel(INDArray numbers, INDArray like) {
    long[] shape = new long[like.rank()];
    Arrays.fill(shape, 1);
    shape[1] = numbers.length();
    return numbers.reshape('c', shape);
  }

  private static INDArray ofRank(int rank, INDArray x) {
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    System.arraycopy(x.shape(), 0, shape, rank - x.rank(), x.rank());
    return x.reshape('c', shape);
  }

  /** Images [N, C, H, W] as numbers in C order. */
  private record Image(double[] data, int batch, int channels, int height, int width) {

    Image(INDArray x) {
      this(x.data().asDouble(), (int) x.size(0), (int) x.size(1), (int) x.size(2), (int) x.size(3));
    }

    static Image zeros(long batch, long channels, long height, long width) {
      return new Image(Nd4j.zeros(DataType.DOUBLE, batch, channels, height, width));
    }

    INDArray array() {
      return Nd4j.create(data, new long[] {batch, channels, height, width}, 'c');
    }

    /** Takes an output's index, and the index of a number that the window reads for it. */
    @FunctionalInterface
    interface Step {
      void take(int output, int input);
    }

    /** Goes over the outputs for which a position of the window lies on this image. */
    void overlaps(Window w, int position, int plane, int outputPlane, Image out, Step step) {
      int i = (int) (position / w.kernel()[1] * w.dilation()[0] - w.before()[0]);
      int j = (int) (position % w.kernel()[1] * w.dilation()[1] - w.before()[1]);
      int down = (int) w.stride()[0];
      int right = (int) w.stride()[1];
      for (int h = 0; h < out.height; h++) {
        int y = h * down + i;
        if (y < 0 || y >= height) {
          continue;
        }
        for (int v = 0; v < out.width; v++) {
          int x = v * right + j;
          if (x >= 0 && x < width) {
            step.take(
                (outputPlane * out.height + h) * out.width + v, (plane * height + y) * width + x);
          }
        }
      }
    }
  }
}
