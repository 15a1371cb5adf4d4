package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.data.Batch.Steps;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class ImageBatchesTest {

  private static final int SIZE = 28;

  private static ImageFolder folder;

  @BeforeAll
  static void unpack(@TempDir Path temp) throws IOException {
    folder = ImageFolder.open(TestImages.unpack(temp, 20).resolve("train"));
  }

  private static ImagePipeline pipeline(int batchSize, int workers) {
    return new ImagePipeline(Normalization.IMAGENET, SIZE, batchSize, workers);
  }

  private static List<DataSet> training(int workers, long seed) {
    try (ImageBatches batches = pipeline(64, workers).training(folder, seed)) {
      return read(batches);
    }
  }

  private static List<DataSet> read(ImageBatches batches) {
    List<DataSet> read = new ArrayList<>();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      read.add(new DataSet(batch.getFeatures().dup(), batch.getLabels().dup()));
    }
    return read;
  }

  @Test
  void batchesDoNotDependOnTheNumberOfWorkers() {
    assertThat(training(4, 5)).isEqualTo(training(1, 5));
  }

  @Test
  void batchesDependOnTheSeed() {
    assertThat(training(2, 5)).isNotEqualTo(training(2, 6));
  }

  @Test
  void everyImageComesOnceWithItsFoldersLabel() {
    List<DataSet> batches = training(3, 1);
    assertThat(batches).extracting(DataSet::numExamples).containsExactly(64, 64, 64, 8);
    assertThat(batches.get(0).getFeatures().shape()).containsExactly(64, 3, SIZE, SIZE);
    INDArray perClass =
        batches.stream().map(b -> b.getLabels().sum(0)).reduce(INDArray::add).orElseThrow();
    assertThat(perClass.toIntVector()).containsOnly(20).hasSize(10);
  }

  @Test
  void batchesOfEvaluationAreTheImagesInOrderOneByOne() throws IOException {
    try (ImageBatches batches = pipeline(30, 3).evaluation(folder)) {
      List<DataSet> read = read(batches);
      Preprocessing preprocessing = Preprocessing.forEvaluation(SIZE, Normalization.IMAGENET);
      for (int image : new int[] {0, 29, 30, 199}) {
        INDArray expected =
            preprocessing.apply(Files.readAllBytes(folder.images().get(image)), null);
        DataSet batch = read.get(image / 30);
        assertThat(batch.getFeatures().slice(image % 30)).isEqualTo(expected.slice(0));
        assertThat(batch.getLabels().getDouble(image % 30, image / 20)).isEqualTo(1);
      }
    }
  }

  @Test
  void aPassCanBeginAtAnyBatch() {
    List<DataSet> all = training(2, 7);
    for (int first = 0; first <= all.size(); first++) {
      try (ImageBatches batches = pipeline(64, 2).training(folder, 7, first)) {
        assertThat(batches.count()).isEqualTo(all.size() - first);
        assertThat(read(batches)).isEqualTo(all.subList(first, all.size()));
        assertThat(batches.position()).isEqualTo(all.size());
      }
    }
  }

  @Test
  void aPassThatIsClosedGivesItsMemoryBack() {
    ImageBatches batches = pipeline(64, 2).training(folder, 7);
    INDArray first = batches.next().getFeatures();
    batches.next();
    batches.close();
    assertThat(first.wasClosed()).isTrue();
    batches.close();
  }

  @Test
  void thePositionIsThatOfTheBatchToGoOnWith() {
    try (ImageBatches batches = pipeline(64, 2).training(folder, 7)) {
      assertThat(batches.position()).isZero();
      batches.next();
      assertThat(batches.hasNext()).isTrue();
      assertThat(batches.position()).isEqualTo(1);
    }
  }

  @Test
  void namesMayHaveSpacesAndOtherLetters() throws IOException {
    Path odd = folder.root().resolve("bag/größe 1 #2 100%.png");
    Files.copy(folder.images().get(0), odd);
    try (ImageBatches batches = pipeline(300, 2).evaluation(ImageFolder.open(folder.root()))) {
      assertThat(read(batches)).extracting(DataSet::numExamples).containsExactly(201);
    } finally {
      Files.delete(odd);
    }
  }

  @Test
  void brokenImagesAreLeftOutOfTheirBatchAndNamed() throws IOException {
    Path bag = folder.root().resolve("bag");
    Path empty = Files.write(bag.resolve("zero.jpg"), new byte[0]);
    Path text = Files.writeString(bag.resolve("text.jpg"), "not an image");
    try (ImageBatches batches = pipeline(200, 2).evaluation(folder);
        ImageBatches withBroken = pipeline(202, 2).evaluation(ImageFolder.open(folder.root()))) {
      assertThat(read(withBroken)).isEqualTo(read(batches));
      assertThat(withBroken.badImages())
          .containsExactly(
              new BadImage(text.toString(), "not an image of a known format"),
              new BadImage(empty.toString(), "the file is empty"));
    } finally {
      Files.delete(empty);
      Files.delete(text);
    }
  }

  @Test
  void aBatchOfNothingButBrokenImagesIsLeftOut(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("a"));
    for (int i = 0; i < 6; i++) {
      Path file = root.resolve("a/" + i + ".png");
      if (i < 4) {
        Files.write(file, new byte[0]);
      } else {
        Files.copy(folder.images().get(i), file);
      }
    }
    try (ImageBatches batches = pipeline(2, 2).evaluation(ImageFolder.open(root))) {
      assertThat(read(batches)).extracting(DataSet::numExamples).containsExactly(2);
      assertThat(batches.position()).isEqualTo(3);
      assertThat(batches.badImages()).hasSize(4);
    }
    ImagePipeline strict = pipeline(2, 2).withMaxBad(3);
    try (ImageBatches batches = strict.evaluation(ImageFolder.open(root))) {
      assertThatThrownBy(batches::hasNext)
          .isInstanceOf(InputException.class)
          .hasMessageContaining(root.resolve("a/3.png") + " (the file is empty)")
          .hasMessageContaining("more than 3 images");
    }
  }

  /** Whatever a sample throws, in whatever thread. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        OutOfMemoryError.class,
        StackOverflowError.class,
        UnsatisfiedLinkError.class,
        ArithmeticException.class
      })
  @Timeout(30)
  void anImageThatFailsUnexpectedlyIsLeftOutAndNamed(Class<? extends Throwable> failure) {
    AtomicInteger images = new AtomicInteger();
    ImageTransform failing =
        (image, random) -> {
          if (images.getAndIncrement() == 2) {
            throw ImageBatchesTest.<RuntimeException>thrown(failure);
          }
          return image;
        };
    ImageFolder five = folder.sample(5);
    try (ImageBatches batches =
        new ImageBatches(five, five.inOrder(), pipeline(5, 1), steps(failing), 0)) {
      assertThat(read(batches)).extracting(DataSet::numExamples).containsExactly(4);
      assertThat(batches.badImages())
          .singleElement()
          .satisfies(
              bad -> {
                assertThat(bad.name()).isEqualTo(five.images().get(2).toString());
                assertThat(bad.reason()).containsAnyOf("memory", failure.getName());
              });
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T thrown(Class<? extends Throwable> failure) throws T {
    try {
      throw (T) failure.getConstructor(String.class).newInstance("pretended");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @Timeout(30)
  void aFailureOfAWholeBatchEndsTheWaitForBatches() {
    Steps withoutMix = new Steps(steps((image, random) -> image).each(), null, 0);
    try (ImageBatches batches =
        new ImageBatches(folder, folder.inOrder(), pipeline(8, 2), withoutMix, 0)) {
      assertThatThrownBy(batches::hasNext)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("reading images failed");
      assertThat(batches.hasNext()).isFalse();
    }
  }

  @Test
  void waitingForASlowTransformIsMeasured() {
    ImageTransform slow =
        (image, random) -> {
          sleep(100);
          return image;
        };
    ImageFolder three = folder.sample(3);
    try (ImageBatches batches =
        new ImageBatches(three, three.inOrder(), pipeline(1, 1), steps(slow), 0)) {
      assertThat(batches.waited()).isZero();
      read(batches);
      assertThat(batches.waited()).isGreaterThan(Duration.ofMillis(200));
    }
  }

  private static Steps steps(ImageTransform transform) {
    Preprocessing preprocessing = new Preprocessing(transform, Normalization.IMAGENET);
    return new Steps(preprocessing, BatchMix.NONE, 0);
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }
}
