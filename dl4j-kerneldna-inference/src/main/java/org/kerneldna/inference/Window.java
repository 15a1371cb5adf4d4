package org.kerneldna.inference;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.kerneldna.inference.Step.Conv;
import org.kerneldna.inference.Step.MaxPool;

/**
 * How a kernel moves over images.
 *
 * @param height of the output
 * @param width of the output
 * @param kernel height and width
 * @param before padding at top and left
 * @param after padding at bottom and right
 */
record Window(long height, long width, long[] kernel, long[] stride, long[] before, long[] after) {

  /** A convolution's, on images of {@code shape} [N, C, H, W]. */
  static Window of(Conv conv, long[] shape) {
    long[] kernel = {conv.kernel().size(2), conv.kernel().size(3)};
    return of(conv.name(), shape, kernel, longs(conv.stride()), longs(conv.padding()), conv.same());
  }

  /** A pooling's, on images of {@code shape} [N, C, H, W]. */
  static Window of(MaxPool pool, long[] shape) {
    return of(
        pool.name(),
        shape,
        longs(pool.kernel()),
        longs(pool.stride()),
        longs(pool.padding()),
        false);
  }

  /**
   * @throws DL4JInvalidInputException if the kernel is larger than the padded images
   */
  private static Window of(
      String name, long[] shape, long[] kernel, long[] stride, long[] padding, boolean same) {
    long[] out = new long[2];
    long[] before = new long[2];
    long[] after = new long[2];
    for (int d = 0; d < 2; d++) {
      long in = shape[2 + d];
      if (!same && in + 2 * padding[d] < kernel[d]) {
        throw new DL4JInvalidInputException(
            String.format(
                "Layer \"%s\" has a kernel of %dx%d, larger than its input of %dx%d with padding"
                    + " %dx%d; use larger images, more padding or ConvolutionMode.Same",
                name, kernel[0], kernel[1], shape[2], shape[3], padding[0], padding[1]));
      }
      out[d] =
          same
              ? (in + stride[d] - 1) / stride[d]
              : (in + 2 * padding[d] - kernel[d]) / stride[d] + 1;
      long needed = Math.max((out[d] - 1) * stride[d] + kernel[d] - in, 0);
      before[d] = same ? needed / 2 : padding[d];
      after[d] = Math.max(needed - before[d], 0);
    }
    return new Window(out[0], out[1], kernel, stride, before, after);
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }
}
