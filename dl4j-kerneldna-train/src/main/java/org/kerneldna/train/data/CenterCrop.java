package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * The square in the image's middle; a smaller image is padded with black.
 *
 * @param size pixels of its side
 */
public record CenterCrop(int size) implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    Box box = box(image.width(), image.height());
    return image.crop(box.left(), box.top(), size, size);
  }

  /** The square, which reaches beyond an image that is smaller. */
  Box box(int width, int height) {
    return new Box(middle(width), middle(height), size, size);
  }

  /** Halves are rounded to even, as Python's {@code round} does. */
  private int middle(int side) {
    return (int) Math.rint((side - size) / 2.0);
  }
}
