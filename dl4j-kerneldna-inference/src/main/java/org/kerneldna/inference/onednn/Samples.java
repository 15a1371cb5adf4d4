package org.kerneldna.inference.onednn;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import lombok.RequiredArgsConstructor;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Concat;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Opaque;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.Operation.Reduce;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Slice;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.SomeOperations;

/**
 * Tells whether the samples of a batch are apart, so that a batch may be cut: the first dimension
 * of every value is the batch, and each of its numbers depends on the sample's own inputs.
 */
@RequiredArgsConstructor
final class Samples extends SomeOperations<Boolean> {

  private final Shaped shaped;
  private final Set<String> constants = new HashSet<>();

  /** Whether each output has a part for each sample of the batch, of that sample alone. */
  static boolean areApart(Shaped shaped) {
    Samples samples = new Samples(shaped);
    return shaped.program().inputs().stream().allMatch(samples::hasBatch)
        && shaped.program().nodes().stream().allMatch(node -> node.accept(samples))
        && shaped.program().outputs().stream().noneMatch(samples.constants::contains);
  }

  private boolean hasBatch(String value) {
    long[] shape = shaped.of(value);
    return shape.length > 0 && shape[0] == shaped.batch();
  }

  @Override
  protected Boolean other(Operation op, Node node) {
    return !constants.contains(node.input(0))
        && constants.containsAll(node.inputs().subList(1, node.inputs().size()));
  }

  @Override
  public Boolean convolution(Convolution op, Node node) {
    boolean perSample = shaped.of(node.input(1)).length == 5;
    return !constants.contains(node.input(0))
        && constants.contains(node.input(1)) != perSample
        && (!op.biased() || constants.contains(node.input(2)))
        && (!op.summed() || !constants.contains(node.input(node.inputs().size() - 1)));
  }

  @Override
  public Boolean parameter(Parameter op, Node node) {
    return constants.add(node.name());
  }

  @Override
  public Boolean arithmetic(Arithmetic op, Node node) {
    int rank = shaped.of(node.name()).length;
    return node.inputs().stream().allMatch(input -> fits(input, rank))
        && !constants.containsAll(node.inputs());
  }

  /** Whether broadcasting leaves the batch where it is. */
  private boolean fits(String input, int rank) {
    long[] shape = shaped.of(input);
    return constants.contains(input)
        ? shape.length < rank || shape[0] == 1
        : shape.length == rank && hasBatch(input);
  }

  @Override
  public Boolean softmax(Softmax op, Node node) {
    int rank = shaped.of(node.name()).length;
    return other(op, node) && Math.floorMod(op.axis(), rank) != 0;
  }

  @Override
  public Boolean reduce(Reduce op, Node node) {
    return other(op, node) && IntStream.of(op.axes()).noneMatch(axis -> axis == 0);
  }

  @Override
  public Boolean concat(Concat op, Node node) {
    return op.axis() != 0 && node.inputs().stream().noneMatch(constants::contains);
  }

  @Override
  public Boolean slice(Slice op, Node node) {
    return other(op, node) && op.axis() != 0;
  }

  @Override
  public Boolean transpose(Transpose op, Node node) {
    boolean passes = shaped.of(node.input(0)).length != op.order().length;
    return other(op, node) && (passes || op.order()[0] == 0);
  }

  @Override
  public Boolean reshape(Reshape op, Node node) {
    return other(op, node) && op.shape()[0] <= 0 && hasBatch(node.name());
  }

  @Override
  public Boolean opaque(Opaque op, Node node) {
    return false;
  }
}
