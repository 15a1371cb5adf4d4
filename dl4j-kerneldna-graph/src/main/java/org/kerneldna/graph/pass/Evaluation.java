package org.kerneldna.graph.pass;

import java.util.List;
import java.util.stream.IntStream;
import lombok.RequiredArgsConstructor;
import org.kerneldna.graph.Node;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Reshape;
import org.kerneldna.graph.Operation.Transpose;
import org.kerneldna.graph.SomeOperations;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Computes the operations by which parameters derive from parameters; null for all others. */
@RequiredArgsConstructor
final class Evaluation extends SomeOperations<INDArray> {

  private final List<INDArray> inputs;

  @Override
  protected INDArray other(Operation op, Node node) {
    return null;
  }

  @Override
  public INDArray arithmetic(Arithmetic op, Node node) {
    INDArray a = inputs.get(0);
    INDArray b = inputs.get(1);
    if (!op.act().isIdentity()) {
      return null;
    }
    return switch (op.kind()) {
      case ADD -> a.add(b);
      case SUBTRACT -> a.sub(b);
      case MULTIPLY -> a.mul(b);
      case DIVIDE -> a.div(b);
      case MAXIMUM -> Nd4j.math().max(a, b);
    };
  }

  @Override
  public INDArray activate(Activate op, Node node) {
    Nonlinearity act = op.act();
    return switch (act.function()) {
      case LINEAR -> inputs.get(0).mul(act.alpha()).addi(act.beta());
      case EXP -> Transforms.exp(inputs.get(0), true);
      default -> null;
    };
  }

  @Override
  public INDArray transpose(Transpose op, Node node) {
    INDArray x = inputs.get(0);
    return x.rank() == op.order().length ? x.permute(op.order()).dup('c') : x;
  }

  @Override
  public INDArray reshape(Reshape op, Node node) {
    INDArray x = inputs.get(0);
    long[] shape =
        IntStream.range(0, op.shape().length)
            .mapToLong(d -> op.shape()[d] == 0 ? x.size(d) : op.shape()[d])
            .toArray();
    return x.reshape('c', shape);
  }
}
