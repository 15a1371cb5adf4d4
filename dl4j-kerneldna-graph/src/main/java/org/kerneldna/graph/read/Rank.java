package org.kerneldna.graph.read;

import java.util.Map;
import lombok.RequiredArgsConstructor;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Deconvolution;
import org.kerneldna.graph.Operation.Embedding;
import org.kerneldna.graph.Operation.Linear;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Pad;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Pool;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.SpaceToDepth;
import org.kerneldna.graph.Operation.Upsample;
import org.kerneldna.graph.SomeOperations;

/**
 * How many dimensions values have, as far as operations tell without the shapes of the network's
 * inputs; 0 where they do not.
 */
@RequiredArgsConstructor
final class Rank extends SomeOperations<Integer> {

  private static final int OF_IMAGES = 4;

  private final Map<String, Node> nodes;

  int of(String value) {
    return nodes.containsKey(value) ? nodes.get(value).accept(this) : 0;
  }

  /** Most operations keep the dimensions of their first input. */
  @Override
  protected Integer other(Operation op, Node node) {
    return of(node.input(0));
  }

  @Override
  public Integer parameter(Parameter op, Node node) {
    return op.shape().length;
  }

  @Override
  public Integer convolution(Convolution op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer deconvolution(Deconvolution op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer pool(Pool op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer pad(Pad op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer upsample(Upsample op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer spaceToDepth(SpaceToDepth op, Node node) {
    return OF_IMAGES;
  }

  @Override
  public Integer linear(Linear op, Node node) {
    return 2;
  }

  @Override
  public Integer embedding(Embedding op, Node node) {
    return 2;
  }

  @Override
  public Integer arithmetic(Arithmetic op, Node node) {
    int a = of(node.input(0));
    int b = of(node.input(1));
    return a == 0 || b == 0 ? 0 : Math.max(a, b);
  }

  @Override
  public Integer reduce(Reduce op, Node node) {
    int rank = of(node.input(0));
    return rank == 0 || op.keeps() ? rank : rank - op.axes().length;
  }

  @Override
  public Integer reshape(Reshape op, Node node) {
    return op.shape().length;
  }

  @Override
  public Integer opaque(Opaque op, Node node) {
    return 0;
  }
}
