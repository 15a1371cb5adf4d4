package org.kerneldna.layers.math;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How the kernel of a 2d convolution moves over its input. Kernels are [nOut, nIn, kH, kW];
 * activations are [N, C, H, W] or [N, H, W, C]. Pairs are height and width.
 *
 * @param layer its name, for errors
 * @param same whether the output's size is the input's divided by the stride, rounded up, whatever
 *     the padding says
 */
record Geometry(
    String layer,
    long nOut,
    int[] kernel,
    int[] stride,
    int[] padding,
    int[] dilation,
    boolean same,
    boolean channelsLast) {

  static Geometry of(ConvolutionLayer conf) {
    return new Geometry(
        conf.getLayerName(),
        conf.getNOut(),
        conf.getKernelSize(),
        conf.getStride(),
        conf.getPadding(),
        conf.getDilation(),
        conf.getConvolutionMode() == ConvolutionMode.Same,
        conf.getCnn2dDataFormat() == CNN2DFormat.NHWC);
  }

  /**
   * The shape of the output for input {@code x}.
   *
   * @throws DL4JInvalidInputException if the kernel is larger than the padded input
   */
  long[] outputShape(INDArray x) {
    int heightAxis = channelsLast ? 1 : 2;
    long height = outputSize(x, heightAxis, 0);
    long width = outputSize(x, heightAxis + 1, 1);
    return channelsLast
        ? new long[] {x.size(0), height, width, nOut}
        : new long[] {x.size(0), nOut, height, width};
  }

  private long outputSize(INDArray x, int axis, int dim) {
    long size = x.size(axis);
    if (same) {
      return (size + stride[dim] - 1) / stride[dim];
    }
    long room = size + 2L * padding[dim] - extent(dim);
    if (room < 0) {
      throw new DL4JInvalidInputException(
          String.format(
              "Layer \"%s\" has a kernel of %dx%d, larger than its input of %dx%d with padding"
                  + " %dx%d; use larger images, more padding or ConvolutionMode.Same",
              layer,
              extent(0),
              extent(1),
              x.size(axis - dim),
              x.size(axis - dim + 1),
              padding[0],
              padding[1]));
    }
    return room / stride[dim] + 1;
  }

  /** What convolves inputs like {@code x}. */
  Arithmetic arithmetic(INDArray x) {
    return Arithmetic.of(x, channelsLast ? 3 : 1);
  }

  /**
   * What the kernel reaches of an input with its padding, without what it does not reach.
   *
   * @param y of the output's shape
   */
  INDArray reach(INDArray x, INDArray y) {
    int heightAxis = channelsLast ? 1 : 2;
    long[] shape = x.shape().clone();
    INDArrayIndex[] from = new INDArrayIndex[4];
    INDArrayIndex[] to = new INDArrayIndex[4];
    Arrays.fill(from, NDArrayIndex.all());
    Arrays.fill(to, NDArrayIndex.all());
    for (int dim = 0; dim < 2; dim++) {
      int axis = heightAxis + dim;
      shape[axis] = (y.size(axis) - 1) * stride[dim] + extent(dim);
      long before = same ? Math.max(shape[axis] - x.size(axis), 0) / 2 : padding[dim];
      long common = Math.min(x.size(axis), shape[axis] - before);
      from[axis] = NDArrayIndex.interval(0, common);
      to[axis] = NDArrayIndex.interval(before, before + common);
    }
    INDArray reach = Nd4j.create(x.dataType(), shape);
    reach.get(to).assign(x.get(from));
    return reach;
  }

  /** How many positions the kernel spans along a dimension: 0 for height, 1 for width. */
  private int extent(int dim) {
    return (kernel[dim] - 1) * dilation[dim] + 1;
  }

  boolean isDilated() {
    return extent(0) > kernel[0] || extent(1) > kernel[1];
  }

  /** The geometry of the kernel that {@link #spread} returns. */
  Geometry spread() {
    return new Geometry(
        layer,
        nOut,
        new int[] {extent(0), extent(1)},
        stride,
        padding,
        new int[] {1, 1},
        same,
        channelsLast);
  }

  /** The kernel with zeros between its taps, or itself where it is not dilated. */
  INDArray spread(INDArray weights) {
    if (!isDilated()) {
      return weights;
    }
    INDArray spread =
        Nd4j.create(weights.dataType(), weights.size(0), weights.size(1), extent(0), extent(1));
    taps(spread).assign(weights);
    return spread;
  }

  /** The taps of a spread kernel: a view without the zeros. */
  INDArray taps(INDArray spread) {
    return isDilated()
        ? spread.get(NDArrayIndex.all(), NDArrayIndex.all(), taps(0), taps(1))
        : spread;
  }

  private INDArrayIndex taps(int dim) {
    int step = kernel[dim] == 1 ? 1 : dilation[dim];
    return NDArrayIndex.interval(0, step, extent(dim));
  }
}
