package org.kerneldna.train.data;

import java.util.function.IntUnaryOperator;
import lombok.experimental.UtilityClass;

/** Changes of an image's colours, as PIL makes them. The given image is left as it is. */
@UtilityClass
class Colors {

  /** Black at factor 0, the image at 1. */
  RgbImage brightness(RgbImage image, double factor) {
    return map(image, sample -> blend(0, sample, factor));
  }

  /** The mean grey at factor 0, the image at 1. */
  RgbImage contrast(RgbImage image, double factor) {
    long sum = 0;
    for (int i = 0; i < image.pixels(); i++) {
      sum += grey(image, i);
    }
    int mean = (int) ((double) sum / image.pixels() + 0.5);
    return map(image, sample -> blend(mean, sample, factor));
  }

  /** Grey at factor 0, the image at 1. */
  RgbImage saturation(RgbImage image, double factor) {
    RgbImage result = new RgbImage(image.width(), image.height());
    byte[] from = image.samples();
    for (int i = 0; i < image.pixels(); i++) {
      int grey = grey(image, i);
      for (int at = i; at < from.length; at += image.pixels()) {
        result.samples()[at] = (byte) blend(grey, from[at] & 0xff, factor);
      }
    }
    return result;
  }

  /** Smoothed at factor 0, the image at 1; the outermost pixels stay. */
  RgbImage sharpness(RgbImage image, double factor) {
    RgbImage result = image.copy();
    for (int y = 1; y < image.height() - 1; y++) {
      for (int x = 1; x < image.width() - 1; x++) {
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
          int sample = image.sample(x, y, channel);
          result.set(x, y, channel, blend(smooth(image, x, y, channel), sample, factor));
        }
      }
    }
    return result;
  }

  /** The mean of nine samples, of which the middle one counts five times. */
  private int smooth(RgbImage image, int x, int y, int channel) {
    int sum = 4 * image.sample(x, y, channel);
    for (int dy = -1; dy <= 1; dy++) {
      for (int dx = -1; dx <= 1; dx++) {
        sum += image.sample(x + dx, y + dy, channel);
      }
    }
    return (int) (sum / 13.0 + 0.5);
  }

  /**
   * Turns hues, in PIL's HSV of 8 bits each.
   *
   * @param shift -0.5 to 0.5, where 1 is the full circle
   */
  RgbImage hue(RgbImage image, double shift) {
    RgbImage result = new RgbImage(image.width(), image.height());
    int turn = (int) (shift * 255);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        Hsv pixel = Hsv.of(image.sample(x, y, 0), image.sample(x, y, 1), image.sample(x, y, 2));
        pixel.turned(turn).write(result, x, y);
      }
    }
    return result;
  }

  /** Keeps the given number of bits of each sample. */
  RgbImage posterize(RgbImage image, int bits) {
    int mask = -1 << (8 - bits);
    return map(image, sample -> sample & mask);
  }

  /** Inverts samples from the threshold on. */
  RgbImage solarize(RgbImage image, double threshold) {
    return map(image, sample -> sample < threshold ? sample : 255 - sample);
  }

  /** Stretches each channel so that it reaches from 0 to 255. */
  RgbImage autoContrast(RgbImage image) {
    return mapChannels(image, Colors::stretched);
  }

  private IntUnaryOperator stretched(int[] histogram) {
    int low = 0;
    int high = 255;
    while (low < high && histogram[low] == 0) {
      low++;
    }
    while (low < high && histogram[high] == 0) {
      high--;
    }
    if (low == high) {
      return IntUnaryOperator.identity();
    }
    double scale = 255.0 / (high - low);
    double offset = -low * scale;
    return sample -> clip((int) (sample * scale + offset));
  }

  /** Spreads each channel so that all levels are about equally frequent. */
  RgbImage equalize(RgbImage image) {
    return mapChannels(image, Colors::equalized);
  }

  private IntUnaryOperator equalized(int[] histogram) {
    int pixels = 0;
    int last = 0;
    for (int count : histogram) {
      pixels += count;
      last = count > 0 ? count : last;
    }
    int step = (pixels - last) / 255;
    if (step == 0) {
      return IntUnaryOperator.identity();
    }
    int[] level = new int[256];
    int below = step / 2;
    for (int sample = 0; sample < level.length; sample++) {
      level[sample] = clip(below / step);
      below += histogram[sample];
    }
    return sample -> level[sample];
  }

  /** How a channel's samples change, by how often each of the 256 is there. */
  @FunctionalInterface
  private interface ByHistogram {
    IntUnaryOperator of(int[] histogram);
  }

  private RgbImage mapChannels(RgbImage image, ByHistogram change) {
    RgbImage result = new RgbImage(image.width(), image.height());
    byte[] samples = image.samples();
    for (int start = 0; start < samples.length; start += image.pixels()) {
      int[] histogram = new int[256];
      for (int i = start; i < start + image.pixels(); i++) {
        histogram[samples[i] & 0xff]++;
      }
      byte[] table = table(change.of(histogram));
      for (int i = start; i < start + image.pixels(); i++) {
        result.samples()[i] = table[samples[i] & 0xff];
      }
    }
    return result;
  }

  private RgbImage map(RgbImage image, IntUnaryOperator change) {
    RgbImage result = new RgbImage(image.width(), image.height());
    byte[] table = table(change);
    for (int i = 0; i < image.samples().length; i++) {
      result.samples()[i] = table[image.samples()[i] & 0xff];
    }
    return result;
  }

  private byte[] table(IntUnaryOperator change) {
    byte[] table = new byte[256];
    for (int sample = 0; sample < table.length; sample++) {
      table[sample] = (byte) change.applyAsInt(sample);
    }
    return table;
  }

  /** Grey as PIL's mode L has it, of a pixel by its number. */
  private int grey(RgbImage image, int pixel) {
    int red = image.samples()[pixel] & 0xff;
    int green = image.samples()[pixel + image.pixels()] & 0xff;
    int blue = image.samples()[pixel + 2 * image.pixels()] & 0xff;
    return 19595 * red + 38470 * green + 7471 * blue + 0x8000 >> 16;
  }

  /** Between two samples, or beyond the second for a factor above 1; rounded down. */
  private int blend(int from, int to, double factor) {
    return clip((int) (from + (float) factor * (to - from)));
  }

  private int clip(int sample) {
    return Math.min(Math.max(sample, 0), 255);
  }
}
