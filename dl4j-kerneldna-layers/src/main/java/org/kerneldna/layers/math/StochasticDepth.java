package org.kerneldna.layers.math;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;

/** Drops whole samples of a batch at random (stochastic depth, arXiv 1603.09382). */
public final class StochasticDepth {

  private StochasticDepth() {}

  /**
   * Draws which samples survive: [N], 0 for a sample that is dropped, which happens with
   * probability {@code rate}, and 1 / (1 - rate) for any other.
   */
  public static INDArray survival(long samples, double rate, DataType dataType) {
    INDArray survival = Nd4j.ones(dataType, samples);
    return rate == 0
        ? survival
        : Nd4j.getExecutioner().exec(new DropOutInverted(survival, survival, 1 - rate));
  }

  /** Multiplies each sample of {@code x} by its {@code survival}, into {@code out}. */
  public static INDArray apply(INDArray x, INDArray survival, INDArray out) {
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    shape[0] = x.size(0);
    return Ops.multiply(x, survival.reshape(shape), out);
  }
}
