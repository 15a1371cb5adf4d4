package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * Fills a random rectangle of some images with a colour: torchvision's {@code RandomErasing}, of 2
 * to 33 % of the area and a ratio of height to width of 0.3 to 3.3. When ten draws do not fit, the
 * image is left as it is.
 *
 * @param probability of an image to lose a rectangle
 * @param red of the filling, 0 to 255
 * @param green of the filling, 0 to 255
 * @param blue of the filling, 0 to 255
 */
public record RandomErasing(double probability, int red, int green, int blue)
    implements ImageTransform {

  private static final double SMALLEST_SCALE = 0.02;
  private static final double LARGEST_SCALE = 0.33;
  private static final double NARROWEST = 0.3;
  private static final double WIDEST = 3.3;
  private static final int DRAWS = 10;

  /** Fills with the mean colour, which normalisation makes 0, but for its rounding to 8 bits. */
  public RandomErasing(double probability, Normalization normalization) {
    this(
        probability,
        Math.round(255 * normalization.mean().get(0)),
        Math.round(255 * normalization.mean().get(1)),
        Math.round(255 * normalization.mean().get(2)));
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return image;
    }
    for (int i = 0; i < DRAWS; i++) {
      double area =
          image.width() * image.height() * random.nextDouble(SMALLEST_SCALE, LARGEST_SCALE);
      double ratio = Math.exp(random.nextDouble(Math.log(NARROWEST), Math.log(WIDEST)));
      int height = (int) Math.rint(Math.sqrt(area * ratio));
      int width = (int) Math.rint(Math.sqrt(area / ratio));
      if (height < image.height() && width < image.width()) {
        int top = random.nextInt(image.height() - height + 1);
        int left = random.nextInt(image.width() - width + 1);
        return filled(image, new Box(left, top, width, height));
      }
    }
    return image;
  }

  private RgbImage filled(RgbImage image, Box box) {
    RgbImage result = image.copy();
    for (int y = box.top(); y < box.bottom(); y++) {
      for (int x = box.left(); x < box.right(); x++) {
        result.set(x, y, 0, red);
        result.set(x, y, 1, green);
        result.set(x, y, 2, blue);
      }
    }
    return result;
  }
}
