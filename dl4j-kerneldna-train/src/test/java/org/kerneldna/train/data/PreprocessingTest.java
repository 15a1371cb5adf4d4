package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.TestImages;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

class PreprocessingTest {

  private final RandomGenerator random = new SplittableRandom(1);

  private static RgbImage image(String name) throws IOException {
    return ImageDecoder.decode(TestImages.resource(PreprocessingTest.class, name));
  }

  /** Red tells the column, green the row. */
  private static RgbImage grid(int width, int height) {
    RgbImage image = new RgbImage(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.set(x, y, 0, x + 1);
        image.set(x, y, 1, y + 1);
      }
    }
    return image;
  }

  @Test
  void evaluationGivesWhatTorchvisionGives() throws IOException {
    INDArray golden =
        Nd4j.createNpyFromByteArray(TestImages.resource(getClass(), "astronaut.npy"))
            .reshape(1, 3, 224, 224);
    INDArray input =
        Preprocessing.forEvaluation(224, Normalization.IMAGENET)
            .apply(image("astronaut.jpg"), random);
    INDArray difference = Transforms.abs(input.sub(golden));
    assertThat(difference.maxNumber().doubleValue()).isLessThanOrEqualTo(1e-6);
  }

  @ParameterizedTest
  @ValueSource(ints = {28, 32, 65, 224})
  void allInputsAreSquaresOfTheSize(int size) throws IOException {
    for (String name :
        new String[] {"one_pixel.jpg", "extreme_aspect_451x10.jpg", "png_palette.png"}) {
      assertThat(
              Preprocessing.forTraining(size, Normalization.IMAGENET)
                  .apply(image(name), random)
                  .shape())
          .containsExactly(1, 3, size, size);
      assertThat(
              Preprocessing.forEvaluation(size, Normalization.IMAGENET)
                  .apply(image(name), random)
                  .shape())
          .containsExactly(1, 3, size, size);
    }
  }

  @ParameterizedTest
  @CsvSource({"7, 90, 40, 32", "90, 7, 40, 32", "3, 5, 20, 21", "60, 50, 16, 30", "4, 4, 9, 9"})
  void aCropOfAResizedImageIsComputedWithoutTheRest(int width, int height, int size, int side) {
    RgbImage grid = grid(width, height);
    Resize resize = new Resize(size);
    CenterCrop crop = new CenterCrop(side);
    RgbImage expected = crop.apply(resize.apply(grid, random), random);
    RgbImage actual = resize.then(crop).apply(grid, random);
    assertThat(actual.samples()).isEqualTo(expected.samples());
  }

  /** Resized to 256 x 5,120,000 pixels it would not fit into memory. All of it is red. */
  @Test
  void aVeryLongLineIsCropped() throws IOException {
    RgbImage line = image("line-1x20000.png");
    for (ImageTransform transform :
        List.of(
            Preprocessing.forEvaluation(224, Normalization.IMAGENET).transform(),
            Preprocessing.forTraining(224, Normalization.IMAGENET).transform(),
            Preprocessing.forTraining(32, Normalization.IMAGENET).transform())) {
      RgbImage crop = transform.apply(line, random);
      int middle = crop.width() / 2;
      assertThat(crop.sample(middle, middle, 0)).isEqualTo(255);
      assertThat(crop.sample(middle, middle, 1)).isZero();
    }
  }

  @Test
  void whatWouldBeTooLargeIsRefused() throws IOException {
    RgbImage line = image("line-1x20000.png");
    assertThatThrownBy(() -> new Resize(256).apply(line, random))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("256 x 5120000 pixels are more than the limit of 178956970");
    byte[] file = TestImages.resource(getClass(), "line-1x20000.png");
    assertThatThrownBy(() -> new Resize(200_000).applyTo(file, random))
        .isInstanceOf(BadImageException.class)
        .hasMessage("1 x 20000 pixels are too long to be resized");
  }

  @Test
  void smallImagesOfTheSizeAreEvaluatedAsTheyAre() {
    RgbImage grid = grid(28, 28);
    RgbImage evaluated =
        Preprocessing.forEvaluation(28, Normalization.IMAGENET).transform().apply(grid, random);
    assertThat(evaluated.samples()).isEqualTo(grid.samples());
  }

  @Test
  void resizeKeepsTheAspectRatioAndRoundsDown() {
    RgbImage resized = new Resize(256).apply(grid(451, 300), random);
    assertThat(resized.width()).isEqualTo(384);
    assertThat(resized.height()).isEqualTo(256);
  }

  @Test
  void shrinkingAveragesAllPixelsInsteadOfSkippingSome() {
    RgbImage stripes = new RgbImage(64, 64);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x += 4) {
        stripes.set(x, y, 0, 200);
      }
    }
    RgbImage shrunk = new Resize(8).apply(stripes, random);
    assertThat(shrunk.sample(4, 4, 0)).isBetween(48, 52);
  }

  @Test
  void centerCropRoundsHalvesToEven() {
    assertThat(new CenterCrop(4).apply(grid(7, 9), random).sample(0, 0, 0)).isEqualTo(2 + 1);
    assertThat(new CenterCrop(4).apply(grid(7, 9), random).sample(0, 0, 1)).isEqualTo(2 + 1);
    assertThat(new CenterCrop(4).apply(grid(9, 7), random).sample(0, 0, 0)).isEqualTo(2 + 1);
    assertThat(new CenterCrop(4).apply(grid(5, 5), random).sample(0, 0, 0)).isEqualTo(1);
  }

  @Test
  void centerCropPadsWithBlack() {
    RgbImage padded = new CenterCrop(6).apply(grid(4, 4), random);
    assertThat(padded.sample(0, 3, 0)).isZero();
    assertThat(padded.sample(1, 3, 0)).isEqualTo(1);
    assertThat(padded.sample(4, 3, 0)).isEqualTo(4);
    assertThat(padded.sample(5, 3, 0)).isZero();
  }

  @Test
  void randomCropShiftsByAtMostThePadding() {
    int smallest = Integer.MAX_VALUE;
    int largest = Integer.MIN_VALUE;
    for (int i = 0; i < 200; i++) {
      RgbImage crop = new RandomCrop(3).apply(grid(28, 28), random);
      int shift = crop.sample(14, 14, 0) - 15;
      smallest = Math.min(smallest, shift);
      largest = Math.max(largest, shift);
    }
    assertThat(smallest).isEqualTo(-3);
    assertThat(largest).isEqualTo(3);
  }

  @Test
  void randomResizedCropFallsBackToTheCentreOfAnExtremeImage() {
    RgbImage crop = new RandomResizedCrop(10).apply(grid(200, 9), random);
    // 9 rows and 12 columns from (200 - 12) / 2 on, made 10 by 10.
    assertThat(crop.sample(0, 5, 0)).isBetween(94 + 1, 94 + 2);
    assertThat(crop.sample(9, 5, 0)).isBetween(105, 106);
  }

  /** Only the crop of a JPEG file is decoded; luma and chroma are resized before they are mixed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "astronaut.jpg",
        "grayscale.jpg",
        "exif_orientation_6.jpg",
        "extreme_aspect_451x10.jpg",
        "one_pixel.jpg",
        "cmyk_with_black.jpg",
        "png_alpha.png"
      })
  void aCropOfAFileIsNearlyThatOfTheDecodedImage(String name) throws IOException {
    byte[] file = TestImages.resource(getClass(), name);
    RgbImage decoded = ImageDecoder.decode(file);
    for (int seed = 0; seed < 20; seed++) {
      RandomResizedCrop crop = new RandomResizedCrop(96);
      RgbImage exact = crop.apply(decoded, new SplittableRandom(seed));
      RgbImage fast = crop.applyTo(file, new SplittableRandom(seed));
      assertThat(meanDifference(fast, exact)).isLessThan(1.2);
    }
  }

  /** A sample of chroma is for two pixels by two here. */
  @ParameterizedTest
  @CsvSource({"60, 60, 0.25", "60, 61, 0.5", "61, 60, 0.5", "61, 61, 0.7"})
  void coloursOfAPartAreWhereTheyBelong(int width, int height, double level) throws IOException {
    byte[] file = TestImages.resource(getClass(), "astronaut.jpg");
    RgbImage decoded = ImageDecoder.decode(file);
    JpegHeader header = JpegHeader.of(file).orElseThrow();
    for (int left = 200; left < 202; left++) {
      for (int top = 100; top < 102; top++) {
        RgbImage exact = Bilinear.resize(decoded.crop(left, top, width, height), 60, 60);
        Box box = new Box(left, top, width, height);
        RgbImage fast = JpegPart.decode(file, header, box, 60).orElseThrow();
        assertThat(meanDifference(fast, exact)).isLessThan(level);
      }
    }
  }

  private static double meanDifference(RgbImage a, RgbImage b) {
    return IntStream.range(0, a.samples().length)
        .map(i -> Math.abs((a.samples()[i] & 0xff) - (b.samples()[i] & 0xff)))
        .average()
        .orElseThrow();
  }

  @Test
  void randomResizedCropTakesPartsOfManySizes() {
    long areas =
        random
            .ints(100)
            .map(i -> span(new RandomResizedCrop(64).apply(grid(200, 200), random)))
            .distinct()
            .count();
    assertThat(areas).isGreaterThan(30);
  }

  private static int span(RgbImage crop) {
    return crop.sample(63, 32, 0) - crop.sample(0, 32, 0);
  }

  @Test
  void flipSwapsLeftAndRightOfAboutHalfTheImages() {
    RgbImage grid = grid(5, 3);
    int flips = 0;
    for (int i = 0; i < 200; i++) {
      RgbImage image = new RandomFlip().apply(grid, random);
      if (!Arrays.equals(image.samples(), grid.samples())) {
        flips++;
        assertThat(image.sample(0, 1, 0)).isEqualTo(5);
        assertThat(image.sample(4, 1, 0)).isEqualTo(1);
        assertThat(image.sample(4, 1, 1)).isEqualTo(2);
      }
    }
    assertThat(flips).isBetween(70, 130);
  }

  @Test
  void aChannelIsNeverDividedByNothing() {
    List<Float> three = List.of(0.5f, 0.5f, 0.5f);
    for (Float std : new Float[] {0f, -0.1f, Float.NaN, Float.MIN_VALUE}) {
      assertThatThrownBy(() -> new Normalization(three, List.of(0.5f, std, 0.5f)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "std [0.5, %s, 0.5] cannot be used: give three numbers above 0, of R, G and B", std);
    }
    assertThatThrownBy(() -> new Normalization(List.of(0.5f), three))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mean [0.5] cannot be used: give three numbers, of R, G and B");
  }
}
