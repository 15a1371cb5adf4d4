package org.kerneldna.layers;

import lombok.EqualsAndHashCode;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The Gaussian error linear unit (arXiv 1606.08415), exactly: {@code y = x * Phi(x)}, with {@code
 * Phi(x) = (1 + erf(x / sqrt(2))) / 2}, as PyTorch computes it by default. ND4J's {@code
 * ActivationGELU} is one of two approximations.
 */
@EqualsAndHashCode(callSuper = false)
public class Gelu extends BaseActivationFunction {

  @Override
  public INDArray getActivation(INDArray in, boolean training) {
    return in.muli(normalCdf(in));
  }

  /** The gradient {@code epsilon * (Phi(x) + x * phi(x))}, written over {@code in}. */
  @Override
  public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
    assertShape(in, epsilon);
    INDArray cdf = normalCdf(in);
    return new Pair<>(in.muli(normalDensity(in)).addi(cdf).muli(epsilon), null);
  }

  private static INDArray normalCdf(INDArray x) {
    INDArray scaled = x.mul(Math.sqrt(0.5));
    return Nd4j.getExecutioner().exec(new Erf(scaled, scaled)).addi(1).muli(0.5);
  }

  private static INDArray normalDensity(INDArray x) {
    INDArray exponent = x.mul(x).muli(-0.5);
    return Transforms.exp(exponent, false).muli(1 / Math.sqrt(2 * Math.PI));
  }

  @Override
  public String toString() {
    return "gelu(exact)";
  }
}
