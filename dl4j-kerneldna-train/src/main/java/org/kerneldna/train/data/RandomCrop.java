package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * A random part, of the image's own size, of the image padded with black on all sides.
 *
 * @param padding pixels added on each side
 */
public record RandomCrop(int padding) implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return image.crop(shift(random), shift(random), image.width(), image.height());
  }

  private int shift(RandomGenerator random) {
    return random.nextInt(-padding, padding + 1);
  }
}
