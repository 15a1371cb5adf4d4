package org.kerneldna.layers;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Dropout;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Shapes;
import org.kerneldna.graph.SomeOperations;
import org.kerneldna.graph.Window;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Computes programs at inference word by word, in double precision and by none of this library's
 * arithmetic: what the words of the language mean, for tests.
 */
final class Interpreter extends SomeOperations<INDArray> {

  private final Map<String, INDArray> values = new HashMap<>();

  private Interpreter() {}

  /** The first output of a program. */
  static INDArray run(Program program, INDArray... inputs) {
    Interpreter all = new Interpreter();
    long[][] shapes = new long[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      all.values.put(program.inputs().get(i), inputs[i].castTo(DataType.DOUBLE));
      shapes[i] = inputs[i].shape();
    }
    Map<String, long[]> expected = Shapes.of(program, (node, op, of) -> of.get(0), shapes);
    for (Node node : program.nodes()) {
      INDArray value = node.accept(all);
      if (!Arrays.equals(value.shape(), expected.get(node.name()))) {
        throw new AssertionError(node.name() + " has another shape than the language says");
      }
      all.values.put(node.name(), value);
    }
    return all.values.get(program.outputs().get(0));
  }

  private INDArray input(Node node, int index) {
    return values.get(node.input(index));
  }

  @Override
  protected INDArray other(Operation op, Node node) {
    throw new AssertionError("No test reads " + node);
  }

  @Override
  public INDArray parameter(Parameter op, Node node) {
    return op.values().castTo(DataType.DOUBLE);
  }

  @Override
  public INDArray convolution(Operation.Convolution op, Node node) {
    INDArray x = input(node, 0);
    INDArray kernel = input(node, 1);
    Window window = op.window().on(x.size(2), x.size(3));
    long nOut = kernel.size(kernel.rank() - 4);
    long height = op.window().outputSize(x.size(2), 0);
    long width = op.window().outputSize(x.size(3), 1);
    INDArray out = Nd4j.zeros(DataType.DOUBLE, x.size(0), nOut, height, width);
    for (long n = 0; n < x.size(0); n++) {
      INDArray own = kernel.rank() == 5 ? kernel.slice(n) : kernel;
      for (long o = 0; o < nOut; o++) {
        for (long h = 0; h < height; h++) {
          for (long w = 0; w < width; w++) {
            double bias = op.biased() ? input(node, 2).getDouble(o) : 0;
            double sum = bias + at(x, own, n, o, h, w, window, nOut / op.groups());
            out.putScalar(new long[] {n, o, h, w}, sum);
          }
        }
      }
    }
    return function(op.act(), out);
  }

  /** The sum of products at one position of the output. */
  private static double at(
      INDArray x, INDArray kernel, long n, long o, long h, long w, Window window, long perGroup) {
    double sum = 0;
    long first = o / perGroup * kernel.size(1);
    for (long c = 0; c < kernel.size(1); c++) {
      for (long i = 0; i < kernel.size(2); i++) {
        for (long j = 0; j < kernel.size(3); j++) {
          long row = h * window.stride()[0] + i * window.dilation()[0] - window.before()[0];
          long column = w * window.stride()[1] + j * window.dilation()[1] - window.before()[1];
          if (row >= 0 && row < x.size(2) && column >= 0 && column < x.size(3)) {
            sum += x.getDouble(n, first + c, row, column) * kernel.getDouble(o, c, i, j);
          }
        }
      }
    }
    return sum;
  }

  @Override
  public INDArray linear(Linear op, Node node) {
    INDArray product = input(node, 0).mmul(input(node, 1).transpose());
    return function(op.act(), op.biased() ? product.addRowVector(input(node, 2)) : product);
  }

  @Override
  public INDArray batchNorm(BatchNorm op, Node node) {
    INDArray x = input(node, 0);
    return x.sub(perChannel(node, 3, x))
        .div(Transforms.sqrt(perChannel(node, 4, x).add(op.eps())))
        .mul(perChannel(node, 1, x))
        .add(perChannel(node, 2, x));
  }

  @Override
  public INDArray layerNorm(LayerNorm op, Node node) {
    INDArray x = input(node, 0);
    INDArray centred = x.sub(x.mean(true, 1));
    INDArray variance = centred.mul(centred).mean(true, 1);
    return centred
        .div(Transforms.sqrt(variance.add(op.eps())))
        .mul(perChannel(node, 1, x))
        .add(perChannel(node, 2, x));
  }

  @Override
  public INDArray affine(Affine op, Node node) {
    INDArray x = input(node, 0);
    return x.mul(perChannel(node, 1, x)).add(perChannel(node, 2, x));
  }

  private INDArray perChannel(Node node, int index, INDArray x) {
    long channels = x.size(1);
    return input(node, index)
        .reshape(x.rank() == 2 ? new long[] {1, channels} : new long[] {1, channels, 1, 1});
  }

  @Override
  public INDArray arithmetic(Arithmetic op, Node node) {
    INDArray a = input(node, 0);
    INDArray b = input(node, 1);
    INDArray out =
        switch (op.kind()) {
          case ADD -> a.add(b);
          case MULTIPLY -> a.mul(b);
          default -> other(op, node);
        };
    return function(op.act(), out);
  }

  @Override
  public INDArray activate(Activate op, Node node) {
    return function(op.act(), input(node, 0));
  }

  private static INDArray function(Nonlinearity act, INDArray x) {
    return switch (act.function()) {
      case IDENTITY -> x;
      case LINEAR -> x.mul(act.alpha()).add(act.beta());
      case RELU -> Transforms.leakyRelu(x, act.alpha());
      case CLIP -> Transforms.max(Transforms.min(x, act.beta()), act.alpha());
      case SIGMOID -> Transforms.sigmoid(x);
      case TANH -> Transforms.tanh(x);
      case GELU -> Nd4j.math().erf(x.div(Math.sqrt(2))).add(1).mul(x).div(2);
      default -> throw new AssertionError("No test reads " + act);
    };
  }

  @Override
  public INDArray softmax(Softmax op, Node node) {
    return Transforms.softmax(input(node, 0));
  }

  @Override
  public INDArray reduce(Reduce op, Node node) {
    return input(node, 0).mean(op.keeps(), op.axes());
  }

  @Override
  public INDArray slice(Slice op, Node node) {
    INDArray x = input(node, 0);
    INDArrayIndex[] part = new INDArrayIndex[x.rank()];
    Arrays.fill(part, NDArrayIndex.all());
    part[op.axis()] = NDArrayIndex.interval(op.from(), op.to());
    return x.get(part).dup('c');
  }

  @Override
  public INDArray transpose(Transpose op, Node node) {
    return input(node, 0).permute(op.order()).dup('c');
  }

  @Override
  public INDArray reshape(Reshape op, Node node) {
    INDArray x = input(node, 0);
    long[] shape = op.shape().clone();
    for (int d = 0; d < shape.length; d++) {
      shape[d] = shape[d] == 0 ? x.size(d) : shape[d];
    }
    return x.dup('c').reshape(shape);
  }

  @Override
  public INDArray dropout(Dropout op, Node node) {
    return input(node, 0);
  }
}
