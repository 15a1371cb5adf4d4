package org.kerneldna.train.data;

import java.util.random.RandomGenerator;

/**
 * One change of shape or colour, drawn with its strength: torchvision's {@code TrivialAugmentWide},
 * with the nearest neighbour and black outside.
 *
 * @see <a href="https://arxiv.org/abs/2103.10158">TrivialAugment: Tuning-free Yet State-of-the-Art
 *     Data Augmentation</a>
 */
public record TrivialAugmentWide() implements ImageTransform {

  /** Strengths are drawn from 0 to the largest in as many steps. */
  private static final int BINS = 31;

  private static final double LARGEST_SHEAR = 0.99;
  private static final double LARGEST_SHIFT = 32;
  private static final double LARGEST_ANGLE = 135;
  private static final double LARGEST_CHANGE = 0.99;

  /** What can be drawn. */
  enum Change {
    IDENTITY,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y,
    ROTATE,
    BRIGHTNESS,
    COLOR,
    CONTRAST,
    SHARPNESS,
    POSTERIZE,
    SOLARIZE,
    AUTO_CONTRAST,
    EQUALIZE
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    Change change = Change.values()[random.nextInt(Change.values().length)];
    return apply(change, random.nextInt(BINS), random.nextBoolean() ? 1 : -1, image);
  }

  /**
   * @param bin 0 to 30
   * @param sign 1 or -1, for changes that have a direction
   */
  static RgbImage apply(Change change, int bin, int sign, RgbImage image) {
    double strength = bin / (BINS - 1.0);
    double signed = sign * strength;
    double factor = 1 + LARGEST_CHANGE * signed;
    int shift = (int) (LARGEST_SHIFT * signed);
    return switch (change) {
      case IDENTITY -> image;
      case SHEAR_X -> Affine.shearX(LARGEST_SHEAR * signed).apply(image);
      case SHEAR_Y -> Affine.shearY(LARGEST_SHEAR * signed).apply(image);
      case TRANSLATE_X -> Affine.translation(shift, 0).apply(image);
      case TRANSLATE_Y -> Affine.translation(0, shift).apply(image);
      case ROTATE ->
          Affine.rotation(LARGEST_ANGLE * signed, image.width(), image.height()).apply(image);
      case BRIGHTNESS -> Colors.brightness(image, factor);
      case COLOR -> Colors.saturation(image, factor);
      case CONTRAST -> Colors.contrast(image, factor);
      case SHARPNESS -> Colors.sharpness(image, factor);
      case POSTERIZE -> Colors.posterize(image, 8 - (int) Math.rint(6 * strength));
      case SOLARIZE -> Colors.solarize(image, 255 * (1 - strength));
      case AUTO_CONTRAST -> Colors.autoContrast(image);
      case EQUALIZE -> Colors.equalize(image);
    };
  }
}
