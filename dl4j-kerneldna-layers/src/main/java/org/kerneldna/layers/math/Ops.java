package org.kerneldna.layers.math;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native operations, called on arrays that the caller made. */
public final class Ops {

  private Ops() {}

  static void exec(String name, INDArray[] inputs, INDArray[] outputs, int... integers) {
    Nd4j.exec(of(name, inputs, outputs).addIntegerArguments(integers).build());
  }

  /** An operation without its arguments yet. */
  static DynamicCustomOp.DynamicCustomOpsBuilder of(
      String name, INDArray[] inputs, INDArray... outputs) {
    return DynamicCustomOp.builder(name).addInputs(inputs).addOutputs(outputs);
  }

  /** {@code out = a * b}, broadcasting {@code b}, of any type; {@code out} may be {@code a}. */
  public static INDArray multiply(INDArray a, INDArray b, INDArray out) {
    return broadcast("multiply", a, b, out);
  }

  /** {@code out = a + b}, broadcasting {@code b}; {@code out} may be {@code a}. */
  static INDArray add(INDArray a, INDArray b, INDArray out) {
    return broadcast("add", a, b, out);
  }

  /** {@code out = a - b}, broadcasting {@code b}; {@code out} may be {@code a}. */
  static INDArray subtract(INDArray a, INDArray b, INDArray out) {
    return broadcast("subtract", a, b, out);
  }

  /** The sums of a matrix's columns, [columns]. */
  static INDArray sumOfColumns(INDArray matrix) {
    return product(Nd4j.ones(matrix.dataType(), 1, matrix.rows()), matrix)
        .reshape(matrix.columns());
  }

  /**
   * The product of two matrices, either of which may be a transposed view; of narrow types a FLOAT
   * one, as {@link Dense#operand} says.
   *
   * <p>{@link INDArray#mmul} runs on OpenBLAS, whose threads wait in a loop after each product and
   * so take the cores from the convolution that follows.
   */
  public static INDArray product(INDArray a, INDArray b) {
    INDArray left = operand(a);
    INDArray out = Nd4j.createUninitialized(left.dataType(), a.rows(), b.columns());
    exec("matmul", new INDArray[] {left, operand(b)}, new INDArray[] {out});
    return out;
  }

  /**
   * The matrix, or a copy where neither it nor its transpose is dense: ND4J misreads strides of 0.
   */
  private static INDArray operand(INDArray matrix) {
    return Dense.is(matrix.transpose())
        ? Dense.operand(matrix.transpose()).transpose()
        : Dense.operand(matrix);
  }

  private static INDArray broadcast(String name, INDArray a, INDArray b, INDArray out) {
    exec(name, new INDArray[] {a, b.castTo(a.dataType())}, new INDArray[] {out});
    return out;
  }
}
