package org.kerneldna.train.data;

/**
 * Moves pixels as PIL does with an affine matrix and its nearest neighbour. Tells where a pixel of
 * the result comes from: x' = a x + b y + c, y' = d x + e y + f, coordinates of centres. What comes
 * from outside is black.
 */
record Affine(double a, double b, double c, double d, double e, double f) {

  /** Each row is moved left by the factor times its distance from the top. */
  static Affine shearX(double factor) {
    return new Affine(1, factor, 0, 0, 1, 0);
  }

  /** Each column is moved up by the factor times its distance from the left. */
  static Affine shearY(double factor) {
    return new Affine(1, 0, 0, factor, 1, 0);
  }

  /** Right and down by a number of pixels. */
  static Affine translation(int x, int y) {
    return new Affine(1, 0, -x, 0, 1, -y);
  }

  /** Counter-clockwise about the image's centre. */
  static Affine rotation(double degrees, int width, int height) {
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    double x = width / 2.0;
    double y = height / 2.0;
    return new Affine(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y);
  }

  RgbImage apply(RgbImage image) {
    RgbImage result = new RgbImage(image.width(), image.height());
    for (int y = 0; y < result.height(); y++) {
      for (int x = 0; x < result.width(); x++) {
        int fromX = (int) Math.floor(a * (x + 0.5) + b * (y + 0.5) + c);
        int fromY = (int) Math.floor(d * (x + 0.5) + e * (y + 0.5) + f);
        if (0 <= fromX && fromX < image.width() && 0 <= fromY && fromY < image.height()) {
          for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
            result.set(x, y, channel, image.sample(fromX, fromY, channel));
          }
        }
      }
    }
    return result;
  }
}
