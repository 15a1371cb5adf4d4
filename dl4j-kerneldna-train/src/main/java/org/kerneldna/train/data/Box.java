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
}
