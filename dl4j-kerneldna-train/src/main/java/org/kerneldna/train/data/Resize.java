package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * Antialiased bilinear resizing of the shorter side, keeping the aspect ratio; the longer side is
 * rounded down.
 *
 * @param size pixels of the shorter side afterwards
 */
public record Resize(int size) implements ImageTransform {

  /**
   * @throws IllegalArgumentException if the result would have more than {@link
   *     ImageDecoder#MAX_PIXELS}
   */
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return Bilinear.resize(image, width(image), height(image));
  }

  int width(RgbImage image) {
    return scaled(image.width(), image);
  }

  int height(RgbImage image) {
    return scaled(image.height(), image);
  }

  private int scaled(int side, RgbImage image) {
    long scaled = (long) size * side / Math.min(image.width(), image.height());
    if (scaled > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d x %d pixels are too long to be resized".formatted(image.width(), image.height()));
    }
    return (int) scaled;
  }

  /** A crop that follows is all that is computed. */
  @Override
  public ImageTransform then(ImageTransform next) {
    return next instanceof CenterCrop crop
        ? new ResizedCenter(this, crop)
        : ImageTransform.super.then(next);
  }
}
