package org.kerneldna.train.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Random brightness, contrast, saturation and hue, in random order: torchvision's {@code
 * ColorJitter}.
 *
 * @param brightness the factor is drawn from 1 - brightness, but not below 0, to 1 + brightness
 * @param contrast likewise
 * @param saturation likewise
 * @param hue 0 to 0.5; the shift is drawn from -hue to hue, where 1 is the full circle
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue)
    implements ImageTransform {

  /**
   * @throws IllegalArgumentException for a negative strength or a hue above 0.5
   */
  public ColorJitter {
    requireStrength("brightness", brightness, Double.MAX_VALUE);
    requireStrength("contrast", contrast, Double.MAX_VALUE);
    requireStrength("saturation", saturation, Double.MAX_VALUE);
    requireStrength("hue", hue, 0.5);
  }

  private static void requireStrength(String name, double strength, double largest) {
    if (!(0 <= strength && strength <= largest)) {
      throw new IllegalArgumentException(
          "%s of the color jitter, %s, cannot be used: give 0 %s"
              .formatted(name, strength, largest < 1 ? "to " + largest : "or more"));
    }
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    List<ImageTransform> steps = new ArrayList<>();
    if (brightness > 0) {
      steps.add((i, r) -> Colors.brightness(i, factor(brightness, r)));
    }
    if (contrast > 0) {
      steps.add((i, r) -> Colors.contrast(i, factor(contrast, r)));
    }
    if (saturation > 0) {
      steps.add((i, r) -> Colors.saturation(i, factor(saturation, r)));
    }
    if (hue > 0) {
      steps.add((i, r) -> Colors.hue(i, r.nextDouble(-hue, hue)));
    }
    Collections.shuffle(steps, new Random(random.nextLong()));
    RgbImage result = image;
    for (ImageTransform step : steps) {
      result = step.apply(result, random);
    }
    return result;
  }

  private static double factor(double strength, RandomGenerator random) {
    return random.nextDouble(Math.max(0, 1 - strength), 1 + strength);
  }
}
