package org.kerneldna.train.data;

import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_CIELAB;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_CMYK;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_PALETTE_COLOR;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.SAMPLE_FORMAT_UNSIGNED_INTEGER;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.TAG_COLOR_MAP;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION;
import static javax.imageio.plugins.tiff.BaselineTIFFTagSet.TAG_SAMPLE_FORMAT;

import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;

/** The first image of a TIFF file, of up to 16 bits a sample, unsigned. */
record TiffImage(ImageReader reader, TIFFDirectory directory, int width, int height)
    implements EncodedImage {

  private static final int MAX_BITS = 16;

  static TiffImage open(byte[] file) throws IOException {
    ImageReader reader = ImageIoImage.reader(file, ImageFormat.TIFF);
    TIFFDirectory directory = TIFFDirectory.createFromMetadata(reader.getImageMetadata(0));
    requireSupported(directory);
    return new TiffImage(reader, directory, reader.getWidth(0), reader.getHeight(0));
  }

  private static void requireSupported(TIFFDirectory directory) throws BadImageException {
    int bits = number(directory, TAG_BITS_PER_SAMPLE, 1);
    if (bits > MAX_BITS) {
      throw new BadImageException(bits + "-bit samples are not supported");
    }
    if (number(directory, TAG_SAMPLE_FORMAT, SAMPLE_FORMAT_UNSIGNED_INTEGER)
        != SAMPLE_FORMAT_UNSIGNED_INTEGER) {
      throw new BadImageException("signed and floating-point samples are not supported");
    }
    if (photometric(directory) >= PHOTOMETRIC_INTERPRETATION_CIELAB) {
      throw new BadImageException("L*a*b* colours are not supported");
    }
  }

  private static int photometric(TIFFDirectory directory) {
    return number(directory, TAG_PHOTOMETRIC_INTERPRETATION, 0);
  }

  private static int number(TIFFDirectory directory, int tag, int otherwise) {
    TIFFField field = directory.getTIFFField(tag);
    return field == null ? otherwise : field.getAsInt(0);
  }

  @Override
  public RgbImage decode() throws IOException {
    try {
      BufferedImage image = reader.read(0);
      return switch (photometric(directory)) {
        case PHOTOMETRIC_INTERPRETATION_CMYK -> JavaPixels.cmykToRgb(image);
        case PHOTOMETRIC_INTERPRETATION_PALETTE_COLOR -> JavaPixels.toRgb(image, palette());
        default -> JavaPixels.toRgb(image);
      };
    } finally {
      reader.dispose();
    }
  }

  /** Of 16 bits the upper eight, which ImageIO rounds. */
  private int[] palette() {
    char[] colors = directory.getTIFFField(TAG_COLOR_MAP).getAsChars();
    int size = colors.length / RgbImage.CHANNELS;
    int[] palette = JavaPixels.greys();
    for (int i = 0; i < size; i++) {
      palette[i] = colors[i] >> 8 << 16 | colors[size + i] >> 8 << 8 | colors[2 * size + i] >> 8;
    }
    return palette;
  }
}
