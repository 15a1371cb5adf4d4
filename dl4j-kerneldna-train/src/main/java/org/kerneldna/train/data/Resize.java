package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * Antialiased bilinear resizing of the shorter side, keeping the aspect ratio; the longer side is
 * rounded down.
 *
 * @param size pixels of the shorter side afterwards
 */
public record Resize(int size) implements ImageTransform {

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    int shorter = Math.min(image.width(), image.height());
    return Bilinear.resize(image, scaled(image.width(), shorter), scaled(image.height(), shorter));
  }

  private int scaled(int side, int shorter) {
    return (int) ((long) size * side / shorter);
  }
}
