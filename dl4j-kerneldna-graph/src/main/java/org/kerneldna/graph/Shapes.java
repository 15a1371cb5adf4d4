package org.kerneldna.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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

/**
 * The shapes of all values of a program, for inputs of certain shapes.
 *
 * <p>An input that does not fit is an {@link IllegalArgumentException} which names the vertex, what
 * it takes and what it gets.
 *
 * <p>A size may be unknown, which is any negative number: it stays that number where an operation
 * leaves the dimension as it is, and fits everything. What is computed from it is {@link #UNKNOWN}.
 */
public final class Shapes implements Operation.Visitor<long[]> {

  /** A size that is not known. */
  public static final long UNKNOWN = -1;

  private final Map<String, long[]> shapes = new HashMap<>();
  private final OfOpaque opaque;

  /** Tells the shape of an opaque node's output. */
  @FunctionalInterface
  public interface OfOpaque {
    long[] shape(Node node, Opaque op, List<long[]> inputs);
  }

  private Shapes(OfOpaque opaque) {
    this.opaque = opaque;
  }

  /**
   * Computes all shapes.
   *
   * @param inputs of the program's inputs
   * @return shapes by the name of the value
   * @throws IllegalArgumentException if the inputs do not fit
   */
  public static Map<String, long[]> of(Program program, OfOpaque opaque, long[]... inputs) {
    Shapes all = new Shapes(opaque);
    for (int i = 0; i < inputs.length; i++) {
      all.shapes.put(program.inputs().get(i), inputs[i]);
    }
    program.nodes().forEach(node -> all.shapes.put(node.name(), node.accept(all)));
    return all.shapes;
  }

  @Override
  public long[] parameter(Parameter op, Node node) {
    return op.shape();
  }

  @Override
  public long[] convolution(Convolution op, Node node) {
    long[] x = images(node);
    long[] kernel = input(node, 1);
    int first = kernel.length - 4;
    long channels = kernel[first + 1] * op.groups();
    require(node, fit(x[1], channels), channels, x);
    return slid(node, op.window(), x, kernel[first]);
  }

  @Override
  public long[] deconvolution(Deconvolution op, Node node) {
    long[] x = images(node);
    long[] kernel = input(node, 1);
    require(node, fit(x[1], kernel[0]), kernel[0], x);
    Window window = op.window();
    return new long[] {
      x[0],
      kernel[1],
      of(x[2], height -> window.transposedSize(height, 0)),
      of(x[3], width -> window.transposedSize(width, 1))
    };
  }

  @Override
  public long[] linear(Linear op, Node node) {
    long[] x = input(node, 0);
    long[] weight = input(node, 1);
    require(node, x.length == 2 && fit(x[1], weight[1]), weight[1], x);
    return new long[] {x[0], weight[0]};
  }

  @Override
  public long[] embedding(Embedding op, Node node) {
    long[] x = input(node, 0);
    require(node, x.length == 2 && fit(x[1], 1), 1, x);
    return new long[] {x[0], input(node, 1)[1]};
  }

  @Override
  public long[] batchNorm(BatchNorm op, Node node) {
    return perChannel(node);
  }

  @Override
  public long[] layerNorm(LayerNorm op, Node node) {
    return perChannel(node);
  }

  @Override
  public long[] affine(Affine op, Node node) {
    return perChannel(node);
  }

  @Override
  public long[] arithmetic(Arithmetic op, Node node) {
    long[] a = input(node, 0);
    long[] b = input(node, 1);
    long[] out = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= out.length; i++) {
      long ofA = i <= a.length ? a[a.length - i] : 1;
      long ofB = i <= b.length ? b[b.length - i] : 1;
      if (!fit(ofA, ofB) && ofA != 1 && ofB != 1) {
        throw new IllegalArgumentException(
            "\"%s\" gets arrays of shapes %s and %s, which do not fit together"
                .formatted(node.vertex(), text(a), text(b)));
      }
      out[out.length - i] = ofA == 1 || ofA < 0 && ofB > 1 ? ofB : ofA;
    }
    return out;
  }

  @Override
  public long[] activate(Activate op, Node node) {
    return input(node, 0);
  }

  @Override
  public long[] softmax(Softmax op, Node node) {
    return input(node, 0);
  }

  @Override
  public long[] pool(Pool op, Node node) {
    long[] x = images(node);
    return slid(node, op.window(), x, x[1]);
  }

  @Override
  public long[] reduce(Reduce op, Node node) {
    long[] x = input(node, 0);
    return IntStream.range(0, x.length)
        .filter(d -> op.keeps() || !has(op.axes(), d))
        .mapToLong(d -> has(op.axes(), d) ? 1 : x[d])
        .toArray();
  }

  @Override
  public long[] concat(Concat op, Node node) {
    long[] out = input(node, 0).clone();
    for (int i = 1; i < node.inputs().size(); i++) {
      long[] other = input(node, i);
      for (int d = 0; d < out.length; d++) {
        if (other.length != out.length || d != op.axis() && !fit(other[d], out[d])) {
          throw new IllegalArgumentException(
              "\"%s\" joins arrays of shapes %s and %s, which do not fit together"
                  .formatted(node.vertex(), text(input(node, 0)), text(other)));
        }
      }
      long more = other[op.axis()];
      out[op.axis()] = more < 0 ? UNKNOWN : of(out[op.axis()], size -> size + more);
    }
    return out;
  }

  @Override
  public long[] slice(Slice op, Node node) {
    long[] out = input(node, 0).clone();
    long size = out[op.axis()];
    boolean whole = op.from() == 0 && op.to() == Slice.END;
    out[op.axis()] = whole ? size : of(size, all -> at(op.to(), all) - at(op.from(), all));
    return out;
  }

  /** Where a position that may be negative lies in a dimension of {@code size}. */
  public static long at(long position, long size) {
    return position == Slice.END ? size : position < 0 ? size + position : position;
  }

  @Override
  public long[] pad(Pad op, Node node) {
    long[] x = images(node);
    return new long[] {
      x[0],
      x[1],
      of(x[2], height -> height + op.top() + op.bottom()),
      of(x[3], width -> width + op.left() + op.right())
    };
  }

  @Override
  public long[] upsample(Upsample op, Node node) {
    long[] x = images(node);
    return new long[] {
      x[0], x[1], of(x[2], height -> height * op.height()), of(x[3], width -> width * op.width())
    };
  }

  @Override
  public long[] spaceToDepth(SpaceToDepth op, Node node) {
    long[] x = images(node);
    long block = op.block();
    return new long[] {
      x[0],
      of(x[1], channels -> channels * block * block),
      of(x[2], height -> height / block),
      of(x[3], width -> width / block)
    };
  }

  @Override
  public long[] localResponseNorm(LocalResponseNorm op, Node node) {
    return input(node, 0);
  }

  @Override
  public long[] transpose(Transpose op, Node node) {
    long[] x = input(node, 0);
    return x.length == op.order().length
        ? IntStream.of(op.order()).mapToLong(d -> x[d]).toArray()
        : x;
  }

  @Override
  public long[] reshape(Reshape op, Node node) {
    long[] x = input(node, 0);
    long[] out = op.shape().clone();
    List<Long> unknown = new ArrayList<>(LongStream.of(x).filter(d -> d < 0).boxed().toList());
    int open = -1;
    for (int d = 0; d < out.length; d++) {
      if (out[d] == -1) {
        open = d;
      } else if (out[d] == 0) {
        out[d] = x[d];
        unknown.remove(x[d]);
      }
    }
    if (open >= 0) {
      long left = known(x) / known(out);
      boolean same = unknown.size() == 1 && left == 1;
      out[open] = unknown.isEmpty() ? left : same ? unknown.get(0) : UNKNOWN;
    }
    if (unknown.isEmpty() && known(x) != known(out)) {
      throw new IllegalArgumentException(
          "\"%s\" cannot make %s of shape %s"
              .formatted(node.vertex(), Arrays.toString(op.shape()), text(x)));
    }
    return out;
  }

  @Override
  public long[] dropout(Dropout op, Node node) {
    return input(node, 0);
  }

  @Override
  public long[] opaque(Opaque op, Node node) {
    return opaque.shape(node, op, node.inputs().stream().map(shapes::get).toList());
  }

  private long[] input(Node node, int index) {
    return shapes.get(node.input(index));
  }

  private long[] images(Node node) {
    long[] x = input(node, 0);
    if (x.length != 4) {
      throw new IllegalArgumentException(
          "\"%s\" takes images, got shape %s".formatted(node.vertex(), text(x)));
    }
    return x;
  }

  private long[] perChannel(Node node) {
    long[] x = input(node, 0);
    long channels = input(node, 1)[0];
    require(node, x.length >= 2 && fit(x[1], channels), channels, x);
    return x;
  }

  private static long[] slid(Node node, Window window, long[] x, long channels) {
    long[] out = {
      x[0],
      channels,
      of(x[2], height -> window.outputSize(height, 0)),
      of(x[3], width -> window.outputSize(width, 1))
    };
    if (x[2] >= 0 && out[2] < 1 || x[3] >= 0 && out[3] < 1) {
      throw new IllegalArgumentException(
          "\"%s\" has a kernel of %dx%d, which is larger than its padded input of shape %s"
              .formatted(node.vertex(), window.extent(0), window.extent(1), text(x)));
    }
    return out;
  }

  private static void require(Node node, boolean fits, long channels, long[] given) {
    if (!fits) {
      throw new IllegalArgumentException(
          "\"%s\" takes %d channels, got shape %s".formatted(node.vertex(), channels, text(given)));
    }
  }

  private static String text(long... shape) {
    return LongStream.of(shape)
        .mapToObj(size -> size < 0 ? "?" : Long.toString(size))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static boolean has(int[] axes, int dimension) {
    return IntStream.of(axes).anyMatch(axis -> axis == dimension);
  }

  private static boolean fit(long a, long b) {
    return a < 0 || b < 0 || a == b;
  }

  /** What is computed from a size. */
  private static long of(long size, LongUnaryOperator computed) {
    return size < 0 ? UNKNOWN : computed.applyAsLong(size);
  }

  /** The product of the sizes that are known. */
  private static long known(long... shape) {
    return LongStream.of(shape).filter(d -> d >= 0).reduce(1, Math::multiplyExact);
  }
}
