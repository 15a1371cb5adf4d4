package org.kerneldna.graph;

/**
 * How a kernel moves over images. All numbers are of height and width.
 *
 * @param before zeros at top and left
 * @param after zeros at bottom and right
 * @param same whether it pads so that the output has the size of the input over the stride, rounded
 *     up, with the smaller half before; {@code before} and {@code after} are 0 then
 */
public record Window(
    long[] kernel, long[] stride, long[] dilation, long[] before, long[] after, boolean same) {

  private static final long[] NOTHING = {0, 0};

  /** A window that is padded by as much on both sides. */
  public static Window padded(long[] kernel, long[] stride, long[] dilation, long... padding) {
    return new Window(kernel, stride, dilation, padding, padding, false);
  }

  /** A window whose output has the size of the input over the stride. */
  public static Window same(long[] kernel, long[] stride, long... dilation) {
    return new Window(kernel, stride, dilation, NOTHING, NOTHING, true);
  }

  /** The same on images with zeros around them. */
  public Window padded(Operation.Pad zeros) {
    return new Window(
        kernel,
        stride,
        dilation,
        new long[] {before[0] + zeros.top(), before[1] + zeros.left()},
        new long[] {after[0] + zeros.bottom(), after[1] + zeros.right()},
        false);
  }

  /** How many rows, or columns, the kernel spans. */
  public long extent(int dimension) {
    return (kernel[dimension] - 1) * dilation[dimension] + 1;
  }

  /** The size of the output for an input of a size; less than 1 if the kernel is larger. */
  public long outputSize(long size, int dimension) {
    long step = stride[dimension];
    return same
        ? (size + step - 1) / step
        : Math.floorDiv(size + before[dimension] + after[dimension] - extent(dimension), step) + 1;
  }

  /** The size of what a transposed convolution by this window gives for an input of a size. */
  public long transposedSize(long size, int dimension) {
    long step = stride[dimension];
    return same
        ? size * step
        : step * (size - 1) + extent(dimension) - before[dimension] - after[dimension];
  }

  /**
   * The same for images of one size, padded by exactly what it reads: nothing is {@code same}, and
   * the outputs need all of the padded input.
   */
  public Window on(long height, long width) {
    long[] size = {height, width};
    long[] first = new long[2];
    long[] last = new long[2];
    for (int d = 0; d < 2; d++) {
      long needed = (outputSize(size[d], d) - 1) * stride[d] + extent(d) - size[d];
      first[d] = same ? Math.max(needed, 0) / 2 : before[d];
      last[d] = same ? Math.max(needed, 0) - first[d] : needed - first[d];
    }
    return new Window(kernel, stride, dilation, first, last, false);
  }
}
