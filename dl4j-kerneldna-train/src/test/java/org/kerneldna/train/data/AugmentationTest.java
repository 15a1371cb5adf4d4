package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.io.Json;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class AugmentationTest {

  private static final int WIDTH = 32;
  private static final int HEIGHT = 24;

  private static RgbImage image(String name) throws IOException {
    return ImageDecoder.decode(TestImages.resource(AugmentationTest.class, name));
  }

  /** The results of PIL's functions are below each other in a file, the image itself first. */
  @Test
  void changesAreThoseOfPil() throws IOException {
    RgbImage golden = image("pil_changes.png");
    RgbImage image = golden.crop(0, 0, WIDTH, HEIGHT);
    List<RgbImage> changed =
        List.of(
            image,
            Colors.brightness(image, 0.4),
            Colors.brightness(image, 1.6),
            Colors.contrast(image, 0.4),
            Colors.contrast(image, 1.6),
            Colors.saturation(image, 0.2),
            Colors.saturation(image, 1.7),
            Colors.sharpness(image, 0.3),
            Colors.sharpness(image, 1.9),
            Colors.hue(image, -0.4),
            Colors.hue(image, 0.1),
            Colors.hue(image, 0.5),
            Colors.posterize(image, 2),
            Colors.posterize(image, 5),
            Colors.solarize(image, 100),
            Colors.autoContrast(image),
            Colors.equalize(image),
            Affine.shearX(0.3).apply(image),
            Affine.shearX(-0.5).apply(image),
            Affine.shearY(0.3).apply(image),
            Affine.translation(5, -3).apply(image),
            Affine.rotation(30, WIDTH, HEIGHT).apply(image),
            Affine.rotation(-100, WIDTH, HEIGHT).apply(image));
    assertThat(golden.height()).isEqualTo(HEIGHT * changed.size());
    for (int i = 0; i < changed.size(); i++) {
      assertThat(changed.get(i).samples())
          .as("change %d", i)
          .isEqualTo(golden.crop(0, HEIGHT * i, WIDTH, HEIGHT).samples());
    }
  }

  @Test
  void changesOfNoStrengthChangeNothing() throws IOException {
    RgbImage image = image("pil_changes.png");
    assertThat(new ColorJitter(0, 0, 0, 0).apply(image, new SplittableRandom(1))).isSameAs(image);
    for (TrivialAugmentWide.Change change :
        new TrivialAugmentWide.Change[] {
          TrivialAugmentWide.Change.SHEAR_X,
          TrivialAugmentWide.Change.TRANSLATE_Y,
          TrivialAugmentWide.Change.ROTATE,
          TrivialAugmentWide.Change.CONTRAST,
          TrivialAugmentWide.Change.SHARPNESS,
          TrivialAugmentWide.Change.POSTERIZE
        }) {
      assertThat(TrivialAugmentWide.apply(change, 0, 1, image).samples())
          .as("%s", change)
          .isEqualTo(image.samples());
    }
  }

  @Test
  void trivialAugmentDrawsAllChanges() throws IOException {
    RgbImage image = image("pil_changes.png").crop(0, 0, WIDTH, HEIGHT);
    long different =
        IntStream.range(0, 300)
            .mapToObj(seed -> new TrivialAugmentWide().apply(image, new SplittableRandom(seed)))
            .map(result -> java.util.Arrays.hashCode(result.samples()))
            .distinct()
            .count();
    assertThat(different).isGreaterThan(150);
    assertThat(new TrivialAugmentWide().apply(image, new SplittableRandom(4)).samples())
        .isEqualTo(new TrivialAugmentWide().apply(image, new SplittableRandom(4)).samples());
  }

  @Test
  void theStrengthOfTrivialAugmentReachesItsEnds() throws IOException {
    RgbImage image = image("pil_changes.png").crop(0, 0, WIDTH, HEIGHT);
    assertThat(
            TrivialAugmentWide.apply(TrivialAugmentWide.Change.POSTERIZE, 30, 1, image).samples())
        .isEqualTo(Colors.posterize(image, 2).samples());
    assertThat(TrivialAugmentWide.apply(TrivialAugmentWide.Change.SOLARIZE, 30, 1, image).samples())
        .isEqualTo(Colors.solarize(image, 0).samples());
    assertThat(
            TrivialAugmentWide.apply(TrivialAugmentWide.Change.TRANSLATE_X, 30, -1, image)
                .samples())
        .containsOnly(0);
  }

  @Test
  void colorJitterStaysWithinItsStrength() throws IOException {
    RgbImage grey = new RgbImage(4, 4);
    java.util.Arrays.fill(grey.samples(), (byte) 100);
    int[] drawn =
        IntStream.range(0, 300)
            .map(
                seed ->
                    new ColorJitter(0.4, 0, 0, 0)
                        .apply(grey, new SplittableRandom(seed))
                        .sample(0, 0, 0))
            .toArray();
    assertThat(IntStream.of(drawn).min().orElseThrow()).isBetween(60, 63);
    assertThat(IntStream.of(drawn).max().orElseThrow()).isBetween(137, 140);
  }

  @Test
  void randomErasingFillsOneRectangleWithTheMeanColour() {
    RgbImage black = new RgbImage(50, 40);
    RandomErasing erasing = new RandomErasing(0.5, Normalization.IMAGENET);
    int erased = 0;
    for (int seed = 0; seed < 200; seed++) {
      RgbImage image = erasing.apply(black, new SplittableRandom(seed));
      int pixels = 0;
      for (int i = 0; i < 2000; i++) {
        if (image.samples()[i] != 0) {
          pixels++;
          assertThat(image.samples()[i] & 0xff).isEqualTo(Math.round(255 * 0.485f));
          assertThat(image.samples()[i + 2 * 2000] & 0xff).isEqualTo(Math.round(255 * 0.406f));
        }
      }
      if (pixels > 0) {
        erased++;
        assertThat(pixels / 2000.0).isBetween(0.015, 0.36);
      }
    }
    assertThat(erased).isBetween(70, 130);
  }

  /** Image i is i everywhere, its label is class i. */
  private static BatchMemory batch(int images, int size) {
    BatchMemory memory = new BatchMemory(images, size, images);
    for (int i = 0; i < images; i++) {
      float[] image = new float[3 * size * size];
      java.util.Arrays.fill(image, i);
      memory.image(i).put(image);
      float[] label = new float[images];
      label[i] = 1;
      memory.label(i).put(label);
    }
    return memory;
  }

  @Test
  void mixupBlendsEachImageWithTheOneBefore() {
    double[] shares = IntStream.range(0, 100).mapToDouble(AugmentationTest::shareOfMixup).toArray();
    assertThat(DoubleStream.of(shares).average().orElseThrow()).isCloseTo(0.5, within(0.1));
    assertThat(DoubleStream.of(shares).distinct().count()).isEqualTo(100);
  }

  private static double shareOfMixup(int seed) {
    BatchMemory memory = batch(4, 5);
    new BatchMix(1, 0).apply(memory, 4, new SplittableRandom(seed));
    DataSet mixed = memory.batch(4);
    double share = mixed.getLabels().getDouble(0, 0);
    for (int i = 0; i < 4; i++) {
      int before = (i + 3) % 4;
      assertThat(mixed.getLabels().getDouble(i, i)).isCloseTo(share, within(1e-6));
      assertThat(mixed.getLabels().getDouble(i, before)).isCloseTo(1 - share, within(1e-6));
      INDArray image = mixed.getFeatures().slice(i);
      double value = share * i + (1 - share) * before;
      assertThat(image.minNumber().doubleValue()).isCloseTo(value, within(1e-5));
      assertThat(image.maxNumber().doubleValue()).isCloseTo(value, within(1e-5));
    }
    return share;
  }

  @Test
  void cutmixPastesARectangleAsLargeAsItsLabelSays() {
    for (int seed = 0; seed < 50; seed++) {
      BatchMemory memory = batch(3, 10);
      new BatchMix(0, 1).apply(memory, 3, new SplittableRandom(seed));
      DataSet mixed = memory.batch(3);
      for (int i = 0; i < 3; i++) {
        INDArray image = mixed.getFeatures().slice(i);
        double own = image.eq(i).castTo(image.dataType()).meanNumber().doubleValue();
        double pasted = image.eq((i + 2) % 3).castTo(image.dataType()).meanNumber().doubleValue();
        assertThat(own + pasted).isCloseTo(1, within(1e-6));
        assertThat(mixed.getLabels().getDouble(i, i)).isCloseTo(own, within(1e-6));
        assertThat(mixed.getLabels().getDouble(i, (i + 2) % 3)).isCloseTo(pasted, within(1e-6));
      }
    }
  }

  @Test
  void aPartOfABatchIsMixedWithinItself() {
    BatchMemory memory = batch(4, 2);
    new BatchMix(1, 0).apply(memory, 2, new SplittableRandom(1));
    DataSet mixed = memory.batch(2);
    assertThat(mixed.getLabels().getColumns(0, 1).sumNumber().doubleValue())
        .isCloseTo(2, within(1e-6));
    assertThat(memory.batch(4).getFeatures().slice(3).meanNumber().doubleValue()).isEqualTo(3);
  }

  @Test
  void withBothMixesEitherIsDrawn() {
    long blended =
        IntStream.range(0, 100)
            .filter(
                seed -> {
                  BatchMemory memory = batch(2, 10);
                  new BatchMix(1, 1).apply(memory, 2, new SplittableRandom(seed));
                  INDArray image = memory.batch(2).getFeatures().slice(1);
                  return DoubleStream.of(image.ravel().toDoubleVector())
                      .anyMatch(value -> value != 0 && value != 1);
                })
            .count();
    assertThat(blended).isBetween(25L, 75L);
  }

  @Test
  void nothingIsTheDefault() {
    assertThat(Augmentation.builder().build()).isEqualTo(Augmentation.NONE);
    ImageTransform transform = new RandomFlip();
    assertThat(Augmentation.NONE.after(transform, Normalization.IMAGENET)).isSameAs(transform);
  }

  @Test
  void survivesJson() throws IOException {
    Augmentation augmentation =
        Augmentation.builder()
            .colorJitter(List.of(0.4, 0.3, 0.2, 0.1))
            .trivialAugment(true)
            .randomErasing(0.1)
            .mixup(0.2)
            .cutmix(1)
            .build();
    assertThat(Json.fromJson(Json.toJson(augmentation), Augmentation.class))
        .isEqualTo(augmentation);
  }

  @Test
  void valuesThatCannotBeUsedAreNamed() {
    assertThatThrownBy(() -> Augmentation.builder().colorJitter(List.of(0.1, 0.2)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[0.1, 0.2]")
        .hasMessageContaining("give one strength, or brightness, contrast, saturation and hue");
    assertThatThrownBy(
            () -> Augmentation.builder().colorJitter(List.of(0.1, 0.1, 0.1, 0.7)).build())
        .hasMessageContaining("hue of the color jitter, 0.7, cannot be used: give 0 to 0.5");
    assertThatThrownBy(() -> Augmentation.builder().randomErasing(1.5).build())
        .hasMessage("random erasing 1.5 cannot be used: give 0 to 1");
    assertThatThrownBy(() -> Augmentation.builder().mixup(-1).build())
        .hasMessage("mixup -1.0 cannot be used: give 0 or more");
  }
}
