package org.kerneldna.train;

import lombok.Value;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A regularisation that leaves vectors alone, such as the gains of normalisations: a layer has but
 * one regularisation for its kernels and its gains. Biases have their own in DL4J.
 */
@Value
public class KernelRegularization implements Regularization {

  Regularization ofKernels;

  /**
   * @param ofKernels applied to parameters of two or more dimensions
   */
  public KernelRegularization(@JsonProperty("ofKernels") Regularization ofKernels) {
    this.ofKernels = ofKernels;
  }

  @Override
  public ApplyStep applyStep() {
    return ofKernels.applyStep();
  }

  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    if (isKernel(param)) {
      ofKernels.apply(param, gradView, lr, iteration, epoch);
    }
  }

  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return isKernel(param) ? ofKernels.score(param, iteration, epoch) : 0;
  }

  private static boolean isKernel(INDArray param) {
    return param.rank() > 1;
  }

  @Override
  public KernelRegularization clone() {
    return new KernelRegularization(ofKernels.clone());
  }
}
