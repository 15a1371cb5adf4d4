package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A dilated kernel written out with zeros between its taps: oneDNN refuses ND4J's dilated
 * convolutions. Kernels are [nOut, nIn, kH, kW].
 */
public final class Dilation {

  private final ConvolutionLayer conf;

  /**
   * @param conf where kernel size and dilation are read
   */
  public Dilation(ConvolutionLayer conf) {
    this.conf = conf;
  }

  /** How many positions the kernel spans along a dimension: 0 for height, 1 for width. */
  int extent(int dim) {
    return (conf.getKernelSize()[dim] - 1) * conf.getDilation()[dim] + 1;
  }

  /** The kernel with zeros between its taps, or itself where it is not dilated. */
  public INDArray spread(INDArray kernel) {
    if (!isDilated()) {
      return kernel;
    }
    INDArray spread =
        Nd4j.create(kernel.dataType(), kernel.size(0), kernel.size(1), extent(0), extent(1));
    taps(spread).assign(kernel);
    return spread;
  }

  /** The taps of a spread kernel: a view without the zeros. */
  INDArray taps(INDArray spread) {
    return isDilated()
        ? spread.get(NDArrayIndex.all(), NDArrayIndex.all(), taps(0), taps(1))
        : spread;
  }

  private INDArrayIndex taps(int dim) {
    int step = conf.getKernelSize()[dim] == 1 ? 1 : conf.getDilation()[dim];
    return NDArrayIndex.interval(0, step, extent(dim));
  }

  boolean isDilated() {
    return extent(0) > conf.getKernelSize()[0] || extent(1) > conf.getKernelSize()[1];
  }
}
