package org.kerneldna.train.data;

import lombok.experimental.UtilityClass;

/**
 * Antialiased bilinear resampling: a triangle filter whose support grows with the shrink factor,
 * horizontally, then vertically, each pass rounded to 8 bits. This is what PIL does, and with it
 * torchvision on PIL images.
 */
@UtilityClass
class Bilinear {

  RgbImage resize(RgbImage image, int width, int height) {
    return resampleAndTranspose(resampleAndTranspose(image, width), height);
  }

  /**
   * Gives every row {@code length} samples and makes it a column; done twice, both axes are back in
   * place.
   */
  private RgbImage resampleAndTranspose(RgbImage image, int length) {
    Taps[] taps = taps(image.width(), length);
    RgbImage result = new RgbImage(image.height(), length);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < length; x++) {
        for (int channel = 0; channel < 3; channel++) {
          result.set(y, x, channel, taps[x].apply(image, y, channel));
        }
      }
    }
    return result;
  }

  /** The source samples that make one target sample, and their weights, which add up to 1. */
  private record Taps(int first, float[] weights) {

    int apply(RgbImage image, int y, int channel) {
      float sum = 0.5f;
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i] * image.sample(first + i, y, channel);
      }
      return (int) sum;
    }
  }

  private Taps[] taps(int from, int to) {
    double scale = (double) from / to;
    double support = Math.max(scale, 1);
    Taps[] taps = new Taps[to];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max((int) (center - support + 0.5), 0);
      int end = Math.min((int) (center + support + 0.5), from);
      taps[i] = new Taps(first, weights(first, end, center, support));
    }
    return taps;
  }

  private float[] weights(int first, int end, double center, double support) {
    double[] triangle = new double[end - first];
    double sum = 0;
    for (int i = 0; i < triangle.length; i++) {
      triangle[i] = Math.max(1 - Math.abs(first + i + 0.5 - center) / support, 0);
      sum += triangle[i];
    }
    float[] weights = new float[triangle.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (triangle[i] / sum);
    }
    return weights;
  }
}
