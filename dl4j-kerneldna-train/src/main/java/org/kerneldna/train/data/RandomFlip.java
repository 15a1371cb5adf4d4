package org.kerneldna.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/** Swaps left and right of every second image, by chance. */
public record RandomFlip() implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return random.nextBoolean() ? flip(image) : image;
  }

  /** Eight pixels at once: what is read from the left and written from the right is reversed. */
  private static RgbImage flip(RgbImage image) {
    RgbImage flipped = new RgbImage(image.width(), image.height());
    ByteBuffer from = ByteBuffer.wrap(image.samples()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer to = ByteBuffer.wrap(flipped.samples()).order(ByteOrder.BIG_ENDIAN);
    for (int row = 0; row < from.capacity(); row += image.width()) {
      int end = row + image.width();
      int x = 0;
      for (; x <= image.width() - Long.BYTES; x += Long.BYTES) {
        to.putLong(end - x - Long.BYTES, from.getLong(row + x));
      }
      for (; x < image.width(); x++) {
        to.put(end - x - 1, from.get(row + x));
      }
    }
    return flipped;
  }
}
