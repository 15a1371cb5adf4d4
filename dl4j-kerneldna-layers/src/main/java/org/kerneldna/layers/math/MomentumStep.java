package org.kerneldna.layers.math;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A step of stochastic gradient descent with momentum, as PyTorch takes it:
 *
 * <pre>v = momentum * v + gradient;   step = learningRate * v</pre>
 *
 * or, with Nesterov's momentum, {@code step = learningRate * (gradient + momentum * v)}.
 */
public final class MomentumStep {

  private MomentumStep() {}

  /**
   * Updates the momentum buffer {@code v} and computes the step, in one pass over memory where that
   * can be.
   *
   * @param gradient of as many numbers as {@code v}; receives what to subtract from the parameters
   */
  public static void apply(
      INDArray v, INDArray gradient, double momentum, boolean nesterov, double learningRate) {
    INDArray buffer = v.reshape(gradient.shape());
    Arithmetic.of(gradient, 1).momentumStep(buffer, gradient, momentum, nesterov, learningRate);
  }
}
