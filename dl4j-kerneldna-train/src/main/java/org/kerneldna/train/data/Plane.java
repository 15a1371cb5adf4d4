package org.kerneldna.train.data;

/**
 * Samples of one channel, somewhere in an array.
 *
 * @param samples unsigned bytes
 * @param offset index of the first sample
 * @param step from a sample to its right neighbour
 * @param stride from a sample to the one below
 * @param width samples a row
 * @param height rows
 */
record Plane(byte[] samples, int offset, int step, int stride, int width, int height) {

  /** The given part, in the same array. */
  Plane part(int left, int top, int width, int height) {
    return new Plane(samples, offset + left * step + top * stride, step, stride, width, height);
  }
}
