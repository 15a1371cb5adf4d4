package org.kerneldna.train.data;

import java.util.Arrays;

/**
 * An 8-bit RGB image. Its channels lie one after the other, as a network's input has them.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param samples {@code 3 * width * height} unsigned bytes: R of all pixels, rows from the top,
 *     then G, then B
 */
public record RgbImage(int width, int height, byte[] samples) {

  static final int CHANNELS = 3;

  /**
   * A black image of the given size.
   *
   * @throws IllegalArgumentException if it would have more than {@link ImageDecoder#MAX_PIXELS}
   */
  public RgbImage(int width, int height) {
    this(width, height, new byte[CHANNELS * pixels(width, height)]);
  }

  private static int pixels(int width, int height) {
    long pixels = (long) width * height;
    if (pixels > ImageDecoder.MAX_PIXELS) {
      throw new IllegalArgumentException(
          "%d x %d pixels are more than the limit of %d"
              .formatted(width, height, ImageDecoder.MAX_PIXELS));
    }
    return (int) pixels;
  }

  /** An image to be changed, with the same pixels. */
  RgbImage copy() {
    return new RgbImage(width, height, samples.clone());
  }

  /** Pixels, and so how far it is from a channel's sample to the next channel's. */
  int pixels() {
    return width * height;
  }

  /** Sample 0 to 255 of channel 0 (R), 1 (G) or 2 (B). */
  public int sample(int x, int y, int channel) {
    return samples[index(x, y, channel)] & 0xff;
  }

  void set(int x, int y, int channel, int sample) {
    samples[index(x, y, channel)] = (byte) sample;
  }

  /** Sets a pixel to a colour, 0xrrggbb. */
  void setRgb(int x, int y, int color) {
    set(x, y, 0, color >> 16);
    set(x, y, 1, color >> 8);
    set(x, y, 2, color);
  }

  /** Sets all pixels to a colour, 0xrrggbb. */
  void fill(int color) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      int start = channel * pixels();
      Arrays.fill(samples, start, start + pixels(), (byte) (color >> 16 - 8 * channel));
    }
  }

  private int index(int x, int y, int channel) {
    return (channel * height + y) * width + x;
  }

  /**
   * Sets a row of one channel.
   *
   * @param row samples 0 to 255
   */
  void setRow(int y, int channel, int[] row) {
    int at = index(0, y, channel);
    for (int x = 0; x < row.length; x++) {
      samples[at + x] = (byte) row[x];
    }
  }

  /**
   * The given rectangle as an image of its own. It may reach beyond this image: what lies outside
   * is black.
   *
   * @param left first column, may be negative
   * @param top first row, may be negative
   */
  public RgbImage crop(int left, int top, int width, int height) {
    RgbImage crop = new RgbImage(width, height);
    int from = Math.max(left, 0);
    int length = Math.min(left + width, this.width) - from;
    for (int channel = 0; channel < CHANNELS && length > 0; channel++) {
      for (int y = Math.max(top, 0); y < Math.min(top + height, this.height); y++) {
        int to = crop.index(from - left, y - top, channel);
        System.arraycopy(samples, index(from, y, channel), crop.samples, to, length);
      }
    }
    return crop;
  }
}
