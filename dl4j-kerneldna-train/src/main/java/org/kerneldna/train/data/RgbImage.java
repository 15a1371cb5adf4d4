package org.kerneldna.train.data;

/**
 * An 8-bit RGB image.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param samples {@code 3 * width * height} unsigned bytes, rows from the top, each pixel R, G, B
 */
public record RgbImage(int width, int height, byte[] samples) {

  /** A black image of the given size. */
  public RgbImage(int width, int height) {
    this(width, height, new byte[3 * width * height]);
  }

  /** Sample 0 to 255 of channel 0 (R), 1 (G) or 2 (B). */
  public int sample(int x, int y, int channel) {
    return samples[3 * (y * width + x) + channel] & 0xff;
  }

  void set(int x, int y, int channel, int sample) {
    samples[3 * (y * width + x) + channel] = (byte) sample;
  }

  /**
   * Sets a row of one channel.
   *
   * @param row samples 0 to 255
   */
  void setRow(int y, int channel, int[] row) {
    int at = 3 * y * width + channel;
    for (int sample : row) {
      samples[at] = (byte) sample;
      at += 3;
    }
  }

  /** One channel, in this image's own memory. */
  Plane plane(int channel) {
    return new Plane(samples, channel, 3, 3 * width, width, height);
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
    for (int y = Math.max(top, 0); length > 0 && y < Math.min(top + height, this.height); y++) {
      int source = 3 * (y * this.width + from);
      System.arraycopy(
          samples, source, crop.samples, 3 * ((y - top) * width + from - left), 3 * length);
    }
    return crop;
  }
}
