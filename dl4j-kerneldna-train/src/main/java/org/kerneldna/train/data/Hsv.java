package org.kerneldna.train.data;

/**
 * A pixel's hue, saturation and value as PIL's mode HSV has them.
 *
 * @param hue 0 to 255, the full circle
 * @param saturation 0 to 255
 * @param value 0 to 255, the largest of red, green and blue
 */
record Hsv(int hue, int saturation, int value) {

  static Hsv of(int red, int green, int blue) {
    int most = Math.max(red, Math.max(green, blue));
    int least = Math.min(red, Math.min(green, blue));
    if (most == least) {
      return new Hsv(0, 0, most);
    }
    float range = most - least;
    float sixth = sixth(red, green, blue, most, range);
    // The circle starts anew at 1.
    double hue = (sixth / 6.0 + 1) % 1;
    return new Hsv((int) (hue * 255), (int) (range / most * 255), most);
  }

  /** The hue as 0 to 6, or negative near red. */
  private static float sixth(int red, int green, int blue, int most, float range) {
    float r = (most - red) / range;
    float g = (most - green) / range;
    float b = (most - blue) / range;
    if (red == most) {
      return b - g;
    }
    return green == most ? 2 + r - b : 4 + g - r;
  }

  /** The same with the hue that many steps further. */
  Hsv turned(int steps) {
    return new Hsv(hue + steps & 0xff, saturation, value);
  }

  /** Writes it as red, green and blue. */
  void write(RgbImage image, int x, int y) {
    double s = saturation / 255.0;
    double position = hue * 6 / 255.0;
    int sector = (int) position;
    double f = position - sector;
    int p = (int) Math.round(value * (1 - s));
    int q = (int) Math.round(value * (1 - s * f));
    int t = (int) Math.round(value * (1 - s * (1 - f)));
    switch (sector % 6) {
      case 0 -> set(image, x, y, value, t, p);
      case 1 -> set(image, x, y, q, value, p);
      case 2 -> set(image, x, y, p, value, t);
      case 3 -> set(image, x, y, p, q, value);
      case 4 -> set(image, x, y, t, p, value);
      default -> set(image, x, y, value, p, q);
    }
  }

  private static void set(RgbImage image, int x, int y, int red, int green, int blue) {
    image.set(x, y, 0, red);
    image.set(x, y, 1, green);
    image.set(x, y, 2, blue);
  }
}
