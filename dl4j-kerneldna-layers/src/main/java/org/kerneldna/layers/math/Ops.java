package org.kerneldna.layers.math;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native operations, called on arrays that the caller made. */
final class Ops {

  private Ops() {}

  static void exec(String name, INDArray[] inputs, INDArray[] outputs, int... integers) {
    Nd4j.exec(
        DynamicCustomOp.builder(name)
            .addInputs(inputs)
            .addOutputs(outputs)
            .addIntegerArguments(integers)
            .build());
  }

  /** {@code out = a * b}, broadcasting {@code b}; {@code out} may be {@code a}. */
  static INDArray multiply(INDArray a, INDArray b, INDArray out) {
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

  /** The sums of a matrix's rows, [rows, 1]. */
  static INDArray sumOfRows(INDArray matrix) {
    return product(matrix, Nd4j.ones(matrix.dataType(), matrix.columns(), 1));
  }

  /** The sums of a matrix's columns, [columns]. */
  static INDArray sumOfColumns(INDArray matrix) {
    return product(Nd4j.ones(matrix.dataType(), 1, matrix.rows()), matrix)
        .reshape(matrix.columns());
  }

  /**
   * The product of two matrices, either of which may be a transposed view.
   *
   * <p>{@link INDArray#mmul} runs on OpenBLAS, whose threads wait in a loop after each product and
   * so take the cores from the convolution that follows.
   */
  static INDArray product(INDArray a, INDArray b) {
    INDArray out = Nd4j.createUninitialized(a.dataType(), a.rows(), b.columns());
    exec("matmul", new INDArray[] {a, b}, new INDArray[] {out});
    return out;
  }

  private static INDArray broadcast(String name, INDArray a, INDArray b, INDArray out) {
    exec(name, new INDArray[] {a, b}, new INDArray[] {out});
    return out;
  }

  /** The array itself if its elements lie in C order without gaps, else a copy that does. */
  static INDArray contiguous(INDArray x) {
    return isContiguous(x) ? x : x.dup('c');
  }

  /**
   * ND4J's own test says no to kernels of 1x1, since it looks at the strides of size-1 dimensions.
   */
  static boolean isContiguous(INDArray x) {
    long expected = 1;
    for (int dim = x.rank() - 1; dim >= 0; dim--) {
      if (x.size(dim) > 1 && x.stride(dim) != expected) {
        return false;
      }
      expected *= x.size(dim);
    }
    return true;
  }
}
