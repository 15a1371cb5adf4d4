package org.kerneldna.train.data;

import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import lombok.experimental.UtilityClass;

/**
 * Decodes JPEG, PNG, GIF, BMP, TIFF, WebP and PNM (PBM, PGM, PPM) files to 8-bit RGB as PIL's
 * {@code convert("RGB")} does: alpha is dropped, CMYK is converted without a profile, EXIF
 * orientation is not applied, grey becomes three equal channels, of an animation the first frame is
 * taken. Of 16 bits the upper eight are, where PIL makes grey images white. The format is told by
 * the bytes, not by the file's name. OpenCV decodes JPEG and WebP, to the same pixels as PIL; Java
 * all else, and CMYK.
 *
 * <p>The size is read before the pixels. No image has more than {@value #MAX_PIXELS} pixels, which
 * is PIL's limit, and no more than about that many are decoded at the same time.
 */
@UtilityClass
public class ImageDecoder {

  /** Pixels of the largest image. */
  public final long MAX_PIXELS = 178_956_970;

  /** What names of image files end with, in lower case and without the dot. */
  public static final Set<String> EXTENSIONS = ImageFormat.extensions();

  private static final int MEGAPIXEL_BITS = 20;

  /** The megapixels that may still be decoded at the same time. */
  private static final Semaphore MEGAPIXELS =
      new Semaphore((int) (MAX_PIXELS >> MEGAPIXEL_BITS), true);

  /** The formats that are decoded, for messages: "A, B or C". */
  public String formats() {
    return ImageFormat.names();
  }

  /**
   * Decodes the first image of a file.
   *
   * @param file the file's bytes
   * @throws BadImageException if the bytes are no image, or a broken, truncated or too large one
   */
  public RgbImage decode(byte[] file) throws BadImageException {
    return decode(file, UnaryOperator.identity());
  }

  /**
   * Decodes the first image of a file and makes a smaller one of it, while few other threads have
   * large images in memory.
   *
   * @param smaller throws an {@link IllegalArgumentException} if it cannot be made of the image
   * @throws BadImageException if the bytes are no image, or a broken, truncated or too large one
   */
  RgbImage decode(byte[] file, UnaryOperator<RgbImage> smaller) throws BadImageException {
    EncodedImage image = open(file);
    int megapixels = (int) ((long) image.width() * image.height() >> MEGAPIXEL_BITS);
    MEGAPIXELS.acquireUninterruptibly(megapixels);
    try {
      return smaller.apply(decode(image));
    } catch (OutOfMemoryError e) {
      throw new BadImageException(
          "%d x %d pixels need more memory than there is".formatted(image.width(), image.height()),
          e);
    } catch (IllegalArgumentException e) {
      throw new BadImageException(e.getMessage(), e);
    } finally {
      MEGAPIXELS.release(megapixels);
    }
  }

  private EncodedImage open(byte[] file) throws BadImageException {
    if (file.length == 0) {
      throw new BadImageException("the file is empty");
    }
    ImageFormat format =
        ImageFormat.of(file)
            .orElseThrow(() -> new BadImageException("not an image of a known format"));
    try {
      EncodedImage image = orBroken(() -> open(file, format));
      requireSize(image.width(), image.height());
      return image;
    } catch (OutOfMemoryError e) {
      throw new BadImageException("its header needs more memory than there is", e);
    }
  }

  private EncodedImage open(byte[] file, ImageFormat format) throws IOException {
    return switch (format) {
      case JPEG -> JpegImage.open(file);
      case WEBP -> WebpImage.open(file);
      case PNM -> PnmImage.open(file);
      case GIF -> GifImage.open(file);
      case TIFF -> TiffImage.open(file);
      case PNG, BMP -> ImageIoImage.open(file, format);
    };
  }

  private void requireSize(long width, long height) throws BadImageException {
    if (width < 1 || height < 1) {
      throw new BadImageException("%d x %d pixels are no image".formatted(width, height));
    }
    if (width * height > MAX_PIXELS) {
      throw new BadImageException(
          "%d x %d pixels are more than the limit of %d".formatted(width, height, MAX_PIXELS));
    }
  }

  private RgbImage decode(EncodedImage image) throws BadImageException {
    return orBroken(image::decode);
  }

  @FunctionalInterface
  private interface Step<T> {
    T get() throws IOException;
  }

  /** Decoders fail with unchecked exceptions too when a file is broken. */
  private <T> T orBroken(Step<T> step) throws BadImageException {
    try {
      return step.get();
    } catch (BadImageException e) {
      throw e;
    } catch (EOFException e) {
      throw new BadImageException("the image is truncated", e);
    } catch (IOException | RuntimeException e) {
      throw new BadImageException(
          "broken image: " + Objects.requireNonNullElse(e.getMessage(), e), e);
    }
  }
}
