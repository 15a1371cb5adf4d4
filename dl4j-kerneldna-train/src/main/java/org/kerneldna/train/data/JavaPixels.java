package org.kerneldna.train.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;
import lombok.experimental.UtilityClass;

/**
 * The pixels of Java's images as PIL converts them to RGB. They come from the raster: {@link
 * BufferedImage#getRGB} converts colour spaces and would change grey and CMYK.
 */
@UtilityClass
class JavaPixels {

  private final int MAX = 255;

  /** Bits that are kept of a sample, the upper ones. */
  private final int BITS = 8;

  RgbImage toRgb(BufferedImage image) {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      return toRgb(image, palette(palette));
    }
    return switch (image.getColorModel().getColorSpace().getType()) {
      case ColorSpace.TYPE_CMYK -> cmykToRgb(image);
      case ColorSpace.TYPE_GRAY -> channelsToRgb(image, 0);
      default -> channelsToRgb(image, 1);
    };
  }

  /**
   * An image of colours that are looked up.
   *
   * @param palette a colour as 0xrrggbb for each index from 0 to 255
   */
  RgbImage toRgb(BufferedImage image, int[] palette) {
    RgbImage rgb = new RgbImage(image.getWidth(), image.getHeight());
    copy(image.getRaster(), palette, rgb, 0, 0);
    return rgb;
  }

  /** Copies an image of colours that are looked up to a place in a larger one. */
  void copy(Raster indexes, int[] palette, RgbImage to, int left, int top) {
    for (int y = 0; y < indexes.getHeight(); y++) {
      for (int x = 0; x < indexes.getWidth(); x++) {
        to.setRgb(left + x, top + y, palette[indexes.getSample(x, y, 0)]);
      }
    }
  }

  /** A colour for each index; what is beyond the palette is grey, as it is in PIL. */
  int[] palette(IndexColorModel colors) {
    int[] palette = greys();
    for (int i = 0; i < colors.getMapSize(); i++) {
      palette[i] = colors.getRGB(i);
    }
    return palette;
  }

  /** A palette of greys from black to white. */
  int[] greys() {
    int[] palette = new int[MAX + 1];
    Arrays.setAll(palette, grey -> grey * 0x010101);
    return palette;
  }

  /** Red, green and blue from bands 0, step and 2 * step. */
  private RgbImage channelsToRgb(BufferedImage image, int step) {
    RgbImage rgb = new RgbImage(image.getWidth(), image.getHeight());
    ColorModel colors = image.getColorModel();
    Raster raster = image.getRaster();
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      int band = channel * step;
      int bits = colors.getComponentSize(band);
      for (int y = 0; y < rgb.height(); y++) {
        for (int x = 0; x < rgb.width(); x++) {
          rgb.set(x, y, channel, toByte(raster.getSample(x, y, band), bits));
        }
      }
    }
    if (colors.isAlphaPremultiplied()) {
      divideByAlpha(raster, colors.getComponentSize(0), rgb);
    }
    return rgb;
  }

  private int toByte(int sample, int bits) {
    return bits < BITS ? sample * MAX / ((1 << bits) - 1) : sample >>> (bits - BITS);
  }

  private void divideByAlpha(Raster raster, int bits, RgbImage rgb) {
    int band = raster.getNumBands() - 1;
    for (int y = 0; y < rgb.height(); y++) {
      for (int x = 0; x < rgb.width(); x++) {
        int alpha = toByte(raster.getSample(x, y, band), bits);
        for (int channel = 0; channel < RgbImage.CHANNELS && alpha > 0; channel++) {
          rgb.set(x, y, channel, Math.min(MAX, rgb.sample(x, y, channel) * MAX / alpha));
        }
      }
    }
  }

  /** ImageIO has turned the inverted samples of Adobe's JPEG files back already. */
  RgbImage cmykToRgb(BufferedImage image) {
    RgbImage rgb = new RgbImage(image.getWidth(), image.getHeight());
    int bits = image.getColorModel().getComponentSize(0);
    int[] cmyk = new int[4];
    for (int y = 0; y < rgb.height(); y++) {
      for (int x = 0; x < rgb.width(); x++) {
        image.getRaster().getPixel(x, y, cmyk);
        int light = MAX - toByte(cmyk[3], bits);
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
          int sample = (MAX - toByte(cmyk[channel], bits)) * light;
          rgb.set(x, y, channel, (sample + MAX / 2) / MAX);
        }
      }
    }
    return rgb;
  }
}
