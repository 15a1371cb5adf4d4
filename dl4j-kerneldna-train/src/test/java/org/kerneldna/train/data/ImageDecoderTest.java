package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.train.TestImages;

class ImageDecoderTest {

  private static byte[] bytes(String name) throws IOException {
    return TestImages.resource(ImageDecoderTest.class, name);
  }

  /**
   * The means are PIL's, of convert("RGB"); for 16-bit grey, where PIL saturates, of value / 257.
   */
  @ParameterizedTest
  @CsvSource({
    "astronaut.jpg, 512, 512, 141.57, 105.77, 96.49",
    "cmyk_with_black.jpg, 512, 512, 141.54, 105.76, 96.46",
    "grayscale.jpg, 512, 512, 129.06, 129.06, 129.06",
    "exif_orientation_6.jpg, 400, 600, 158.50, 85.81, 51.58",
    "png_alpha.png, 300, 200, 147.67, 111.44, 86.80",
    "png_palette.png, 300, 200, 147.62, 111.53, 86.89",
    "png_gray16.png, 200, 200, 129.06, 129.06, 129.06",
    "extreme_aspect_451x10.jpg, 451, 10, 131.92, 98.87, 72.57",
    "one_pixel.jpg, 1, 1, 76, 39, 13"
  })
  void decodesAsPilConvertsToRgb(String name, int width, int height, double r, double g, double b)
      throws IOException {
    RgbImage image = ImageDecoder.decode(bytes(name));
    assertThat(image.width()).isEqualTo(width);
    assertThat(image.height()).isEqualTo(height);
    assertThat(mean(image, 0)).isCloseTo(r, within(0.1));
    assertThat(mean(image, 1)).isCloseTo(g, within(0.1));
    assertThat(mean(image, 2)).isCloseTo(b, within(0.1));
  }

  private static double mean(RgbImage image, int channel) {
    long sum = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        sum += image.sample(x, y, channel);
      }
    }
    return (double) sum / (image.width() * image.height());
  }

  @Test
  void greyBecomesThreeEqualChannels() throws IOException {
    RgbImage image = ImageDecoder.decode(bytes("grayscale.jpg"));
    for (int x = 0; x < image.width(); x++) {
      assertThat(image.sample(x, 100, 1))
          .isEqualTo(image.sample(x, 100, 0))
          .isEqualTo(image.sample(x, 100, 2));
    }
  }

  @Test
  void anEmptyFileIsBad() {
    assertThatThrownBy(() -> ImageDecoder.decode(new byte[0]))
        .isInstanceOf(BadImageException.class)
        .hasMessage("the file is empty");
  }

  @Test
  void textIsBad() {
    assertThatThrownBy(() -> ImageDecoder.decode("this is not an image".getBytes()))
        .isInstanceOf(BadImageException.class)
        .hasMessage("not an image of a known format");
  }

  @ParameterizedTest
  @CsvSource({
    "astronaut.jpg",
    "grayscale.jpg",
    "cmyk_with_black.jpg",
    "png_alpha.png",
    "png_palette.png"
  })
  void halfAnImageIsBad(String name) throws IOException {
    byte[] whole = bytes(name);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    assertThatThrownBy(() -> ImageDecoder.decode(half)).isInstanceOf(BadImageException.class);
  }

  /**
   * Every kind of every format, by the size and the CRC-32 of what PIL makes of it. The test
   * images' README tells how they were made.
   */
  @ParameterizedTest
  @CsvFileSource(resources = "formats/pil.csv")
  void everyKindOfAFormatHasPilsPixels(String name, int width, int height, String crc)
      throws IOException {
    RgbImage image = ImageDecoder.decode(bytes("formats/" + name));
    assertThat(image.width()).isEqualTo(width);
    assertThat(image.height()).isEqualTo(height);
    assertThat(crc(image)).isEqualTo(crc);
  }

  /** The CRC-32 of red, green and blue of one pixel after the other. */
  private static String crc(RgbImage image) {
    CRC32 crc = new CRC32();
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
          crc.update(image.sample(x, y, channel));
        }
      }
    }
    return "%08x".formatted(crc.getValue());
  }

  /** Wherever it is cut: only bytes after the last pixel may be missing. */
  @ParameterizedTest
  @CsvFileSource(resources = "formats/pil.csv")
  void aTruncatedFileIsBadOrHasAllItsPixels(String name, int width, int height, String crc)
      throws IOException {
    byte[] whole = bytes("formats/" + name);
    int bad = 0;
    for (int length = 1; length < whole.length; length += 3) {
      try {
        assertThat(crc(ImageDecoder.decode(Arrays.copyOf(whole, length)))).isEqualTo(crc);
      } catch (BadImageException e) {
        bad++;
      }
    }
    assertThat(bad).isGreaterThan(whole.length / 6);
  }

  @ParameterizedTest
  @CsvSource({
    "float32.tif, 32-bit samples are not supported",
    "int32.tif, 32-bit samples are not supported",
    "int16.tif, signed and floating-point samples are not supported",
    "lab.tif, L*a*b* colours are not supported",
    "rgb8-lzma.tif, broken image: Unsupported compression type (tag value = 34925)!"
  })
  void whatIsNotReadIsNamed(String name, String reason) {
    assertThatThrownBy(() -> ImageDecoder.decode(bytes("formats/" + name)))
        .isInstanceOf(BadImageException.class)
        .hasMessage(reason);
  }

  /** The width and height of each format, where its header has them, become 20,000. */
  @ParameterizedTest
  @CsvSource({
    "formats/rgb8.png, 18, 22, true",
    "formats/whole.gif, 6, 8, false",
    "formats/part.gif, 6, 8, false",
    "formats/rle8.bmp, 18, 22, false",
    "formats/rgb.jpg, 165, 163, true",
    "formats/grey4.tif, 18, 30, false",
    "formats/lossy-alpha.webp, 24, 27, false"
  })
  void anImageBeyondTheLimitIsBadBeforeItIsDecoded(
      String name, int width, int height, boolean bigEndian) throws IOException {
    byte[] file = bytes(name);
    ByteBuffer header =
        ByteBuffer.wrap(file).order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    header.putShort(width, (short) 20_000).putShort(height, (short) 20_000);
    assertIsTooLarge(file);
  }

  @Test
  void aTextThatTellsALargeSizeIsBad() {
    assertIsTooLarge("P5 20000 20000 255 ".getBytes());
  }

  /** A length that leads back to where it stands would be read for ever. */
  @Test
  @Timeout(30)
  void anAnimationWhoseChunksNeverEndIsBad() throws IOException {
    byte[] file = bytes("formats/animated.webp");
    int firstChunk = 30;
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(firstChunk + 4, -8);
    assertThatThrownBy(() -> ImageDecoder.decode(file))
        .isInstanceOf(BadImageException.class)
        .hasMessage("the image is truncated");
  }

  /** 9,500 x 9,500 pixels are a little more than half the limit. */
  @Test
  @Timeout(60)
  void noMorePixelsThanTheLimitAreDecodedAtTheSameTime() throws Exception {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(9_500, 9_500, BufferedImage.TYPE_BYTE_GRAY), "jpg", file);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    UnaryOperator<RgbImage> counting =
        image -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          RgbImage corner = image.crop(9_499, 9_499, 1, 1);
          LockSupport.parkNanos(500_000_000);
          now.decrementAndGet();
          return corner;
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Callable<RgbImage> decode = () -> ImageDecoder.decode(file.toByteArray(), counting);
    for (Future<RgbImage> corner : threads.invokeAll(List.of(decode, decode))) {
      assertThat(corner.get().width()).isEqualTo(1);
    }
    threads.shutdown();
    assertThat(most.get()).isEqualTo(1);
  }

  private static void assertIsTooLarge(byte[] file) {
    assertThatThrownBy(() -> ImageDecoder.decode(file))
        .isInstanceOf(BadImageException.class)
        .hasMessageMatching("2000[01] x 2000[01] pixels are more than the limit of 178956970");
  }

  @Test
  void anImageThatNeedsMoreMemoryThanThereIsIsBad() throws IOException {
    byte[] file = bytes("one_pixel.jpg");
    UnaryOperator<RgbImage> greedy =
        image -> {
          throw new OutOfMemoryError("Physical memory usage is too high");
        };
    assertThatThrownBy(() -> ImageDecoder.decode(file, greedy))
        .isInstanceOf(BadImageException.class)
        .hasMessage("1 x 1 pixels need more memory than there is");
  }

  @Test
  void aBrokenHeaderIsBad() throws IOException {
    byte[] broken = bytes("png_palette.png");
    Arrays.fill(broken, 12, 40, (byte) 0xff);
    assertThatThrownBy(() -> ImageDecoder.decode(broken)).isInstanceOf(BadImageException.class);
  }

  @Test
  void whatOpenCvRefusesIsToldInALine() throws IOException {
    byte[] file = bytes("formats/lossy-alpha.webp");
    // Wider than OpenCV takes: 2,097,152 pixels.
    file[24] = (byte) 0xff;
    file[25] = (byte) 0xff;
    file[26] = 0x1f;
    assertThatThrownBy(() -> ImageDecoder.decode(file))
        .isInstanceOf(BadImageException.class)
        .hasMessage("broken image: OpenCV cannot decode it");
  }
}
