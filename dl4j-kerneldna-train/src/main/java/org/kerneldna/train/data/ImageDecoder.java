package org.kerneldna.train.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import lombok.experimental.UtilityClass;

/**
 * Decodes JPEG, PNG, GIF, BMP and TIFF files to 8-bit RGB as PIL's {@code convert("RGB")} does:
 * alpha is dropped, CMYK is converted without a profile, EXIF orientation is not applied, grey
 * becomes three equal channels. 16-bit samples are scaled to 8 bits. The format is told by the
 * bytes, not by the file's name. OpenCV decodes JPEG, to the same pixels as PIL; Java's ImageIO all
 * else, and CMYK.
 *
 * <p>Samples come from the raster: {@link BufferedImage#getRGB} converts colour spaces and would
 * change grey and CMYK.
 */
@UtilityClass
public class ImageDecoder {

  /** Components of a file that OpenCV would convert to RGB otherwise than PIL. */
  private static final int CMYK = 4;

  /**
   * Decodes the first image of a file.
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image or a broken or truncated one
   */
  public RgbImage decode(byte[] file) throws BadImageException {
    if (file.length == 0) {
      throw new BadImageException("the file is empty");
    }
    Optional<JpegHeader> jpeg = JpegHeader.of(file);
    if (jpeg.isPresent()) {
      requireComplete(jpeg.get(), file);
      if (OpenCvJpeg.AVAILABLE && jpeg.get().components() != CMYK) {
        return OpenCvJpeg.decode(file);
      }
    }
    return decodeInJava(file);
  }

  /** As PIL does, which other decoders do not: they fill what is missing with grey. */
  static void requireComplete(JpegHeader header, byte[] file) throws BadImageException {
    if (!header.isComplete(file)) {
      throw new BadImageException("the image is truncated");
    }
  }

  private RgbImage decodeInJava(byte[] file) throws BadImageException {
    try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      return toRgb(read(input));
    } catch (BadImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers fail with unchecked exceptions too when a header is broken.
      throw new BadImageException("broken image: " + e.getMessage(), e);
    }
  }

  private BufferedImage read(ImageInputStream input) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
    if (!readers.hasNext()) {
      throw new BadImageException("not an image of a known format");
    }
    ImageReader reader = readers.next();
    try {
      reader.setInput(input, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  private RgbImage toRgb(BufferedImage image) {
    RgbImage rgb = new RgbImage(image.getWidth(), image.getHeight());
    RowReader row = rowReader(image);
    for (int y = 0; y < rgb.height(); y++) {
      row.read(y, rgb);
    }
    return rgb;
  }

  @FunctionalInterface
  private interface RowReader {
    void read(int y, RgbImage rgb);
  }

  private RowReader rowReader(BufferedImage image) {
    ColorModel colors = image.getColorModel();
    Raster raster = image.getRaster();
    if (colors instanceof IndexColorModel) {
      return (y, rgb) -> readPalette(image, y, rgb);
    }
    int max = (1 << colors.getComponentSize(0)) - 1;
    return switch (colors.getColorSpace().getType()) {
      case ColorSpace.TYPE_CMYK -> (y, rgb) -> readCmyk(raster, y, rgb);
      case ColorSpace.TYPE_GRAY -> (y, rgb) -> readChannels(raster, 0, max, y, rgb);
      default -> (y, rgb) -> readChannels(raster, 1, max, y, rgb);
    };
  }

  /** Exact, since a palette is sRGB. */
  private void readPalette(BufferedImage image, int y, RgbImage rgb) {
    for (int x = 0; x < rgb.width(); x++) {
      int color = image.getRGB(x, y);
      rgb.set(x, y, 0, color >> 16);
      rgb.set(x, y, 1, color >> 8);
      rgb.set(x, y, 2, color);
    }
  }

  /** Red, green and blue from bands 0, step and 2 * step. */
  private void readChannels(Raster raster, int step, int max, int y, RgbImage rgb) {
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      for (int x = 0; x < rgb.width(); x++) {
        int sample = raster.getSample(x, y, channel * step);
        rgb.set(x, y, channel, max == 255 ? sample : (int) ((sample * 255L + max / 2) / max));
      }
    }
  }

  /** ImageIO has turned Adobe's inverted samples back already. */
  private void readCmyk(Raster raster, int y, RgbImage rgb) {
    int[] cmyk = new int[4];
    for (int x = 0; x < rgb.width(); x++) {
      raster.getPixel(x, y, cmyk);
      for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
        rgb.set(x, y, channel, ((255 - cmyk[channel]) * (255 - cmyk[3]) + 127) / 255);
      }
    }
  }
}
