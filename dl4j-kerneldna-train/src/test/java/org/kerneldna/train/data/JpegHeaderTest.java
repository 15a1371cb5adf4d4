package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.TestImages;

class JpegHeaderTest {

  private static byte[] bytes(String name) throws IOException {
    return TestImages.resource(JpegHeaderTest.class, name);
  }

  @ParameterizedTest
  @CsvSource({
    "astronaut.jpg, 512, 512, 3",
    "grayscale.jpg, 512, 512, 1",
    "cmyk_with_black.jpg, 512, 512, 4",
    "exif_orientation_6.jpg, 400, 600, 3",
    "extreme_aspect_451x10.jpg, 451, 10, 3"
  })
  void tellsSizeAndComponents(String name, int width, int height, int components)
      throws IOException {
    JpegHeader header = JpegHeader.of(bytes(name)).orElseThrow();
    assertThat(header.width()).isEqualTo(width);
    assertThat(header.height()).isEqualTo(height);
    assertThat(header.components()).isEqualTo(components);
    assertThat(header.sequential()).isTrue();
    assertThat(header.isComplete(bytes(name))).isTrue();
  }

  @Test
  void otherFilesHaveNone() throws IOException {
    assertThat(JpegHeader.of(bytes("png_alpha.png"))).isEmpty();
    assertThat(JpegHeader.of(new byte[0])).isEmpty();
    byte[] file = bytes("one_pixel.jpg");
    int scan = JpegHeader.of(file).orElseThrow().scanAt();
    for (int length = 0; length <= scan; length++) {
      assertThat(JpegHeader.of(Arrays.copyOf(file, length))).isEmpty();
    }
  }

  @Test
  void anImageWithoutRowsHasNone() throws IOException {
    byte[] file = bytes("one_pixel.jpg");
    int heightAt = JpegHeader.of(file).orElseThrow().heightAt();
    file[heightAt] = 0;
    file[heightAt + 1] = 0;
    assertThat(JpegHeader.of(file)).isEmpty();
  }

  @Test
  void whatFollowsTheEndDoesNotMatter() throws IOException {
    byte[] file = bytes("astronaut.jpg");
    byte[] longer = Arrays.copyOf(file, file.length + 100);
    assertThat(JpegHeader.of(longer).orElseThrow().isComplete(longer)).isTrue();
    assertThat(ImageDecoder.decode(longer).samples())
        .isEqualTo(ImageDecoder.decode(file).samples());
  }

  @ParameterizedTest
  @ValueSource(strings = {"fill.jpg", "junk.jpg", "restart-marker.jpg"})
  void whatMayStandBeforeAMarkerChangesNothing(String name) throws IOException {
    byte[] file = bytes("formats/" + name);
    byte[] plain = bytes("formats/rgb.jpg");
    for (int seed = 0; seed < 10; seed++) {
      RandomResizedCrop crop = new RandomResizedCrop(16);
      assertThat(crop.applyTo(file, new SplittableRandom(seed)).samples())
          .isEqualTo(crop.applyTo(plain, new SplittableRandom(seed)).samples());
    }
    byte[] cut = Arrays.copyOf(file, file.length * 4 / 5);
    assertThatThrownBy(() -> ImageDecoder.decode(cut)).hasMessage("the image is truncated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"astronaut.jpg", "grayscale.jpg", "cmyk_with_black.jpg"})
  void aCropOfATruncatedImageIsBadWhereverItIs(String name) throws IOException {
    byte[] file = bytes(name);
    byte[] truncated = Arrays.copyOf(file, file.length - 3);
    for (int seed = 0; seed < 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      assertThatThrownBy(() -> new RandomResizedCrop(96).applyTo(truncated, random))
          .isInstanceOf(BadImageException.class)
          .hasMessage("the image is truncated");
    }
  }
}
