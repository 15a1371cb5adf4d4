package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

  @Test
  void aBrokenHeaderIsBad() throws IOException {
    byte[] broken = bytes("png_palette.png");
    Arrays.fill(broken, 12, 40, (byte) 0xff);
    assertThatThrownBy(() -> ImageDecoder.decode(broken)).isInstanceOf(BadImageException.class);
  }
}
