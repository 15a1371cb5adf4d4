package org.kerneldna.inference.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Affine;
import org.kerneldna.graph.Operation.BatchNorm;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.LayerNorm;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.LocalResponseNorm;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.Operation.Upsample;
import org.kerneldna.graph.Program;
import org.kerneldna.graph.Shapes;
import org.kerneldna.graph.SomeOperations;

/**
 * The shapes of a network's inputs: those of given types, else what the nodes that read them take,
 * since DL4J does not keep sizes. Sizes that are not known are negative.
 */
final class InputShapes extends SomeOperations<Void> {

  /** The size of the batch, which is always free. */
  static final long BATCH = -2;

  private static final long CHANNELS = -3;
  private static final long HEIGHT = -4;
  private static final long WIDTH = -5;

  private final Map<String, Node> nodes;

  /** What readers take, with DL4J's dimensions; the shape of most dimensions counts. */
  private final Map<String, long[]> wanted = new HashMap<>();

  private final Map<String, long[]> shapes = new HashMap<>();
  private final Set<String> channelsLast = new HashSet<>();

  /**
   * @param types of all inputs, or none
   * @throws IllegalArgumentException if there are neither as many types as inputs nor none
   */
  InputShapes(Program program, InputType... types) {
    List<String> inputs = program.inputs();
    if (types.length != 0 && types.length != inputs.size()) {
      throw new IllegalArgumentException(
          "The network has %d inputs, got %d types: give one for each, or none"
              .formatted(inputs.size(), types.length));
    }
    nodes = program.byName();
    for (int i = program.nodes().size() - 1; i >= 0; i--) {
      program.nodes().get(i).accept(this);
    }
    for (int i = 0; i < inputs.size(); i++) {
      add(inputs.get(i), types.length == 0 ? null : types[i]);
    }
  }

  private void add(String input, InputType type) {
    long[] shape = wanted.getOrDefault(input, rows(CHANNELS));
    boolean last = shape.length == 4 && shape[1] == HEIGHT;
    if (last) {
      shape = images(shape[3]);
    }
    if (type instanceof InputTypeConvolutional images) {
      last |= isChannelsLast(type);
      shape = new long[] {BATCH, images.getChannels(), images.getHeight(), images.getWidth()};
    } else if (type != null && type.getType() == InputType.Type.CNNFlat) {
      shape = rows(type.arrayElementsPerExample());
    } else if (type != null) {
      shape = type.getShape(true);
      shape[0] = BATCH;
    }
    shapes.put(input, shape);
    if (last) {
      channelsLast.add(input);
    }
  }

  /** The shape of an input; of images it is channels first. */
  long[] of(String input) {
    return shapes.get(input);
  }

  /** Whether the network itself takes these images channels last. */
  boolean isChannelsLast(String input) {
    return channelsLast.contains(input);
  }

  /** Whether an input of this type is [N, H, W, C]. */
  static boolean isChannelsLast(InputType type) {
    return type instanceof InputTypeConvolutional images && images.getFormat() == CNN2DFormat.NHWC;
  }

  private static long[] rows(long channels) {
    return new long[] {BATCH, channels};
  }

  private static long[] images(long channels) {
    return new long[] {BATCH, channels, HEIGHT, WIDTH};
  }

  private Void want(String name, long... shape) {
    wanted.merge(name, shape, InputShapes::merged);
    return null;
  }

  private static long[] merged(long[] a, long[] b) {
    if (a.length != b.length) {
      return a.length > b.length ? a : b;
    }
    return IntStream.range(0, a.length).mapToLong(d -> a[d] < 0 ? b[d] : a[d]).toArray();
  }

  /** What the readers of the node's output take; null if any shape. */
  private long[] output(Node node) {
    return wanted.get(node.name());
  }

  private long channels(Node node) {
    long[] output = output(node);
    return output == null ? CHANNELS : output[1];
  }

  /** The size of a dimension of a parameter; a negative one counts from the last. */
  private long size(String name, int dimension) {
    if (nodes.get(name) == null || !(nodes.get(name).operation() instanceof Parameter parameter)) {
      return Shapes.UNKNOWN;
    }
    return parameter.shape()[Math.floorMod(dimension, parameter.shape().length)];
  }

  @Override
  protected Void other(Operation op, Node node) {
    if (output(node) != null) {
      node.inputs().forEach(name -> want(name, output(node)));
    }
    return null;
  }

  @Override
  public Void convolution(Convolution op, Node node) {
    long perGroup = size(node.input(1), -3);
    want(node.input(0), images(perGroup < 0 ? CHANNELS : perGroup * op.groups()));
    return op.summed() ? want(node.input(op.biased() ? 3 : 2), images(CHANNELS)) : null;
  }

  @Override
  public Void deconvolution(Deconvolution op, Node node) {
    return want(node.input(0), images(size(node.input(1), 0)));
  }

  @Override
  public Void linear(Linear op, Node node) {
    return want(node.input(0), rows(size(node.input(1), 1)));
  }

  @Override
  public Void embedding(Embedding op, Node node) {
    return want(node.input(0), rows(1));
  }

  @Override
  public Void batchNorm(BatchNorm op, Node node) {
    return perChannel(node);
  }

  @Override
  public Void layerNorm(LayerNorm op, Node node) {
    return perChannel(node);
  }

  @Override
  public Void affine(Affine op, Node node) {
    return perChannel(node);
  }

  private Void perChannel(Node node) {
    long channels = size(node.input(1), 0);
    long[] input = output(node) == null ? rows(channels) : output(node).clone();
    input[1] = channels;
    return want(node.input(0), input);
  }

  @Override
  public Void pool(Pool op, Node node) {
    return want(node.input(0), images(channels(node)));
  }

  @Override
  public Void pad(Pad op, Node node) {
    return want(node.input(0), images(channels(node)));
  }

  @Override
  public Void upsample(Upsample op, Node node) {
    return want(node.input(0), images(channels(node)));
  }

  @Override
  public Void localResponseNorm(LocalResponseNorm op, Node node) {
    return want(node.input(0), images(channels(node)));
  }

  @Override
  public Void spaceToDepth(SpaceToDepth op, Node node) {
    long channels = channels(node);
    long less = op.block() * op.block();
    return want(node.input(0), images(channels < 0 ? CHANNELS : channels / less));
  }

  @Override
  public Void reduce(Reduce op, Node node) {
    boolean ofImages = Arrays.equals(op.axes(), new int[] {2, 3});
    return ofImages ? want(node.input(0), images(channels(node))) : null;
  }

  @Override
  public Void concat(Concat op, Node node) {
    node.inputs().forEach(name -> wantAllBut(op.axis(), name, node));
    return null;
  }

  @Override
  public Void slice(Slice op, Node node) {
    return wantAllBut(op.axis(), node.input(0), node);
  }

  /** Wants the output's shape, but for one size. */
  private Void wantAllBut(int axis, String name, Node node) {
    if (output(node) == null) {
      return null;
    }
    long[] shape = output(node).clone();
    if (axis < shape.length && shape[axis] > 0) {
      shape[axis] = Shapes.UNKNOWN;
    }
    return want(name, shape);
  }

  @Override
  public Void transpose(Transpose op, Node node) {
    long[] output = output(node);
    if (output == null || output.length != op.order().length) {
      return other(op, node);
    }
    long[] input = new long[output.length];
    for (int d = 0; d < input.length; d++) {
      input[op.order()[d]] = output[d];
    }
    return want(node.input(0), input);
  }

  /** What is flattened are images, and what becomes images are rows. */
  @Override
  public Void reshape(Reshape op, Node node) {
    long[] shape = op.shape();
    int last = shape.length - 1;
    if (LongStream.of(shape).limit(last).allMatch(size -> size == 0) && shape[last] == -1) {
      return want(node.input(0), images(last == 1 ? CHANNELS : channels(node)));
    }
    boolean unflattens = last > 1 && LongStream.of(shape).skip(1).allMatch(size -> size > 0);
    long sizes = LongStream.of(shape).skip(1).reduce(1, Math::multiplyExact);
    return unflattens ? want(node.input(0), rows(sizes)) : null;
  }
}
