package org.kerneldna.layers.dynamic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Activate;
import org.kerneldna.graph.read.Reading;
import org.kerneldna.layers.math.Dense;
import org.kerneldna.layers.math.Ops;
import org.kerneldna.layers.params.Parameter;
import org.kerneldna.layers.params.Parameter.Role;
import org.nd4j.autodiff.samediff.SDVariable;
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
public final class StaticModulation implements KernelDerivation {

  public static final String SPATIAL = "s";
  public static final String FILTER = "f";

  private final List<Parameter> parameters = new ArrayList<>();

  /**
   * @param spatial whether {@code s} modulates the kernel
   * @param filter whether {@code f} does; with neither the child's kernel is the parent's
   * @param kernelSize height and width
   */
  public StaticModulation(boolean spatial, boolean filter, int[] kernelSize, long nOut) {
    if (spatial) {
      parameters.add(new Parameter(SPATIAL, Role.MODULATION, 1, 1, kernelSize[0], kernelSize[1]));
    }
    if (filter) {
      parameters.add(new Parameter(FILTER, Role.MODULATION, nOut, 1, 1, 1));
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public Derived forward(INDArray parent, INDArray x, Pass pass) {
    return new Child(
        parent,
        parameters.isEmpty()
            ? parent
            : forward(
                parent, pass.param(SPATIAL), pass.param(FILTER), pass.activations(parent.shape())));
  }

  private record Child(INDArray parent, INDArray kernel) implements Derived {
    @Override
    public INDArray backward(
        INDArray gradKernel, INDArray gradParent, Map<String, INDArray> gradients, Pass pass) {
      INDArray s = pass.param(SPATIAL);
      INDArray f = pass.param(FILTER);
      Ops.multiply(gradKernel, factor(parent, s, f), gradParent);
      INDArray gradFactor = sumOverInputs(parent, gradKernel);
      if (s != null) {
        INDArray weighted = f == null ? gradFactor : gradFactor.mulColumnVector(onePlusColumn(f));
        INDArray gradS = gradients.get(SPATIAL);
        gradS.assign(weighted.sum(0).reshape(gradS.shape()));
      }
      if (f != null) {
        INDArray weighted = s == null ? gradFactor : gradFactor.mulRowVector(onePlusRow(s));
        INDArray gradF = gradients.get(FILTER);
        gradF.assign(weighted.sum(1).reshape(gradF.shape()));
      }
      return null;
    }
  }

  @Override
  public SDVariable define(
      SDVariable parent, SDVariable x, Map<String, SDVariable> params, boolean training) {
    SDVariable child = parent;
    for (Parameter p : parameters) {
      child = child.mul(params.get(p.key()).add(1));
    }
    return child;
  }

  @Override
  public String read(String parent, String x, Reading reading) {
    String child = parent;
    for (Parameter p : parameters) {
      Activate onePlus = new Activate(Nonlinearity.linear(1, 1));
      String factor = reading.add("1+" + p.key(), onePlus, p.read(reading));
      child =
          reading.add(
              "by-" + p.key(),
              new Operation.Arithmetic(Operation.Arithmetic.Kind.MULTIPLY),
              child,
              factor);
    }
    return child;
  }

  /** Computes the child's kernel into {@code child}; {@code s} or {@code f} may be null. */
  public static INDArray forward(INDArray parent, INDArray s, INDArray f, INDArray child) {
    return Ops.multiply(parent, factor(parent, s, f), child);
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
