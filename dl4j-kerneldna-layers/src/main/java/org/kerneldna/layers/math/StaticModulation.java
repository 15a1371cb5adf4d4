package org.kerneldna.layers.math;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce3.Dot;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How a child derives its kernel from its parent's (KernelDNA, arXiv 2503.23379, static
 * modulation):
 *
 * <pre>child = parent * (1 + s) * (1 + f)</pre>
 *
 * with static spatial modulation {@code s} [1, 1, kH, kW] and static filter modulation {@code f}
 * [nOut, 1, 1, 1], either of which may be left out (null). Kernels are [nOut, nIn, kH, kW].
 */
public final class StaticModulation {

  private StaticModulation() {}

  /** Computes the child's kernel into {@code child}. */
  public static INDArray forward(INDArray parent, INDArray s, INDArray f, INDArray child) {
    return Ops.multiply(parent, factor(parent, s, f), child);
  }

  /**
   * Computes the gradients.
   *
   * @param gradChild gradient of the child's kernel
   * @param gradParent receives the gradient of the parent's kernel
   * @param gradS receives the gradient of {@code s}; null if {@code s} is
   * @param gradF receives the gradient of {@code f}; null if {@code f} is
   */
  public static void backward(
      INDArray parent,
      INDArray s,
      INDArray f,
      INDArray gradChild,
      INDArray gradParent,
      INDArray gradS,
      INDArray gradF) {
    Ops.multiply(gradChild, factor(parent, s, f), gradParent);
    INDArray gradFactor = sumOverInputs(parent, gradChild);
    if (s != null) {
      INDArray weighted = f == null ? gradFactor : gradFactor.mulColumnVector(onePlusColumn(f));
      gradS.assign(weighted.sum(0).reshape(gradS.shape()));
    }
    if (f != null) {
      INDArray weighted = s == null ? gradFactor : gradFactor.mulRowVector(onePlusRow(s));
      gradF.assign(weighted.sum(1).reshape(gradF.shape()));
    }
  }

  /** {@code (1 + s) * (1 + f)}, in a shape that broadcasts over the parent. */
  private static INDArray factor(INDArray parent, INDArray s, INDArray f) {
    long nOut = parent.size(0);
    INDArray factor =
        Nd4j.ones(Dense.wide(parent.dataType()), nOut, parent.size(2) * parent.size(3));
    if (s != null) {
      factor.muliRowVector(onePlusRow(s));
    }
    if (f != null) {
      factor.muliColumnVector(onePlusColumn(f));
    }
    return factor.reshape(nOut, 1, parent.size(2), parent.size(3));
  }

  /** The gradient of the factor: [nOut, kH * kW]. */
  private static INDArray sumOverInputs(INDArray parent, INDArray gradChild) {
    INDArray kernel = flat(parent);
    INDArray sums = Nd4j.createUninitialized(kernel.dataType(), kernel.size(0), kernel.size(2));
    return Nd4j.getExecutioner().exec(new Dot(kernel, flat(gradChild), sums, 1));
  }

  private static INDArray flat(INDArray kernel) {
    return Dense.operand(kernel).reshape(kernel.size(0), kernel.size(1), -1);
  }

  private static INDArray onePlusRow(INDArray s) {
    return Dense.operand(s).reshape(1, s.length()).add(1);
  }

  private static INDArray onePlusColumn(INDArray f) {
    return Dense.operand(f).reshape(f.length(), 1).add(1);
  }
}
