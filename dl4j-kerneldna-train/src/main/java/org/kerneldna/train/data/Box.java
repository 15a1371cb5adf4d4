package org.kerneldna.train.data;

/**
 * A rectangle of an image, in pixels.
 *
 * @param left first column
 * @param top first row
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
record Box(int left, int top, int width, int height) {

  int bottom() {
    return top + height;
  }

  int right() {
    return left + width;
  }

  /** The part that lies within an image. */
  Box within(int imageWidth, int imageHeight) {
    int x = Math.max(left, 0);
    int y = Math.max(top, 0);
    return new Box(x, y, Math.min(right(), imageWidth) - x, Math.min(bottom(), imageHeight) - y);
  }
}
