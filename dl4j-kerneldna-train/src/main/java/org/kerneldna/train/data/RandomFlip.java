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
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int channel = 0; channel < 3; channel++) {
          flipped.set(image.width() - 1 - x, y, channel, image.sample(x, y, channel));
        }
      }
    }
    return flipped;
  }
}
