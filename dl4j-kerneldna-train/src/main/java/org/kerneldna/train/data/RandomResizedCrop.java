package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * A random rectangle of 8 to 100 % of the image's area and an aspect ratio of 3/4 to 4/3, resized
 * to a square. When ten draws do not fit into the image, the largest centred rectangle of an
 * allowed ratio is taken, as torchvision does.
 *
 * @param size pixels of the square's side
 */
public record RandomResizedCrop(int size) implements ImageTransform {

  private static final double SMALLEST_SCALE = 0.08;
  private static final double NARROWEST = 3.0 / 4;
  private static final double WIDEST = 4.0 / 3;
  private static final int DRAWS = 10;

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return Bilinear.resize(crop(image, random), size, size);
  }

  private static RgbImage crop(RgbImage image, RandomGenerator random) {
    for (int i = 0; i < DRAWS; i++) {
      double area = image.width() * image.height() * random.nextDouble(SMALLEST_SCALE, 1);
      double ratio = Math.exp(random.nextDouble(Math.log(NARROWEST), Math.log(WIDEST)));
      int width = (int) Math.rint(Math.sqrt(area * ratio));
      int height = (int) Math.rint(Math.sqrt(area / ratio));
      if (0 < width && width <= image.width() && 0 < height && height <= image.height()) {
        int top = random.nextInt(image.height() - height + 1);
        int left = random.nextInt(image.width() - width + 1);
        return image.crop(left, top, width, height);
      }
    }
    return largestCentred(image);
  }

  private static RgbImage largestCentred(RgbImage image) {
    int width = Math.min(image.width(), Math.max(1, (int) Math.rint(image.height() * WIDEST)));
    int height = Math.min(image.height(), Math.max(1, (int) Math.rint(image.width() / NARROWEST)));
    return image.crop((image.width() - width) / 2, (image.height() - height) / 2, width, height);
  }
}
