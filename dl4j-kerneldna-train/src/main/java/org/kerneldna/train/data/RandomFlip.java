package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/** Swaps left and right of every second image, by chance. */
public record RandomFlip() implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return random.nextBoolean() ? flip(image) : image;
  }

  private static RgbImage flip(RgbImage image) {
    RgbImage flipped = new RgbImage(image.width(), image.height());
    byte[] from = image.samples();
    byte[] to = flipped.samples();
    int row = 3 * image.width();
    for (int start = 0; start < from.length; start += row) {
      for (int i = 0; i < row; i += 3) {
        int mirrored = start + row - 3 - i;
        to[mirrored] = from[start + i];
        to[mirrored + 1] = from[start + i + 1];
        to[mirrored + 2] = from[start + i + 2];
      }
    }
    return flipped;
  }
}
