package org.kerneldna.graph.count;

import java.util.Map;
import java.util.stream.LongStream;
import org.kerneldna.graph.Node;
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

/** The multiply-accumulates of a node, as {@link Complexity} counts them. */
final class Macs implements Operation.Visitor<Long> {

  private final Map<String, long[]> shapes;

  Macs(Map<String, long[]> shapes) {
    this.shapes = shapes;
  }

  /** How many numbers a value has; of a series of unknown length, in one step. */
  private long size(String name) {
    return LongStream.of(shapes.get(name)).filter(size -> size >= 0).reduce(1, Math::multiplyExact);
  }

  /** How many numbers of a kernel meet in one number of the output. */
  private long perOutput(String kernel) {
    long[] shape = shapes.get(kernel);
    return LongStream.of(shape).skip(shape.length - 3).reduce(1, Math::multiplyExact);
  }

  @Override
  public Long parameter(Parameter op, Node node) {
    return 0L;
  }

  @Override
  public Long convolution(Convolution op, Node node) {
    return size(node.name()) * perOutput(node.input(1));
  }

  @Override
  public Long deconvolution(Deconvolution op, Node node) {
    return size(node.input(0)) * perOutput(node.input(1));
  }

  @Override
  public Long linear(Linear op, Node node) {
    return size(node.name()) * shapes.get(node.input(1))[1];
  }

  @Override
  public Long embedding(Embedding op, Node node) {
    return 0L;
  }

  @Override
  public Long batchNorm(BatchNorm op, Node node) {
    return 0L;
  }

  @Override
  public Long layerNorm(LayerNorm op, Node node) {
    return 0L;
  }

  @Override
  public Long affine(Affine op, Node node) {
    return 0L;
  }

  @Override
  public Long arithmetic(Arithmetic op, Node node) {
    return 0L;
  }

  @Override
  public Long activate(Activate op, Node node) {
    return 0L;
  }

  @Override
  public Long softmax(Softmax op, Node node) {
    return 0L;
  }

  @Override
  public Long pool(Pool op, Node node) {
    return 0L;
  }

  @Override
  public Long reduce(Reduce op, Node node) {
    return 0L;
  }

  @Override
  public Long concat(Concat op, Node node) {
    return 0L;
  }

  @Override
  public Long slice(Slice op, Node node) {
    return 0L;
  }

  @Override
  public Long pad(Pad op, Node node) {
    return 0L;
  }

  @Override
  public Long upsample(Upsample op, Node node) {
    return 0L;
  }

  @Override
  public Long spaceToDepth(SpaceToDepth op, Node node) {
    return 0L;
  }

  @Override
  public Long localResponseNorm(LocalResponseNorm op, Node node) {
    return 0L;
  }

  @Override
  public Long transpose(Transpose op, Node node) {
    return 0L;
  }

  @Override
  public Long reshape(Reshape op, Node node) {
    return 0L;
  }

  @Override
  public Long dropout(Dropout op, Node node) {
    return 0L;
  }

  @Override
  public Long opaque(Opaque op, Node node) {
    return 0L;
  }
}
