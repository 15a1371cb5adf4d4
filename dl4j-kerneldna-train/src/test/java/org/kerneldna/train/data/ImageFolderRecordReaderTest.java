package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.datavec.api.records.Record;
import org.datavec.api.split.FileSplit;
import org.datavec.api.writable.NDArrayWritable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.data.ImageFolderRecordReader.BadImage;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class ImageFolderRecordReaderTest {

  private static final int SIZE = 28;

  private static ImageFolder folder;

  @BeforeAll
  static void unpack(@TempDir Path temp) throws IOException {
    folder = ImageFolder.open(TestImages.unpack(temp, 20).resolve("train"));
  }

  private static ImagePipeline pipeline(int batchSize, int workers) {
    return new ImagePipeline(Normalization.IMAGENET, SIZE, batchSize, workers);
  }

  private List<DataSet> training(int workers, long seed) {
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
  void brokenImagesAreLeftOutAndNamed() throws IOException {
    Path bag = folder.root().resolve("bag");
    Path empty = Files.write(bag.resolve("zero.jpg"), new byte[0]);
    Path text = Files.writeString(bag.resolve("text.jpg"), "not an image");
    try (ImageBatches batches = pipeline(100, 2).evaluation(ImageFolder.open(folder.root()))) {
      assertThat(read(batches)).extracting(DataSet::numExamples).containsExactly(100, 100);
      assertThat(batches.badImages()).extracting(BadImage::file).containsExactly(text, empty);
      assertThat(batches.badImages())
          .extracting(BadImage::reason)
          .containsExactly("not an image of a known format", "the file is empty");
    } finally {
      Files.delete(empty);
      Files.delete(text);
    }
  }

  @Test
  @Timeout(30)
  void aFailingTransformEndsTheWaitForBatches() {
    ImageTransform failing =
        (image, random) -> {
          throw new OutOfMemoryError("pretended");
        };
    var reader =
        new ImageFolderRecordReader(
            folder.classes(), new Preprocessing(failing, Normalization.IMAGENET), 0, 2);
    try (ImageBatches batches = new ImageBatches(folder.images(), reader, 8)) {
      assertThatThrownBy(batches::hasNext).isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void readsAnyDataVecSplitAndLoadsFromMetaData() throws Exception {
    Preprocessing preprocessing = Preprocessing.forEvaluation(SIZE, Normalization.IMAGENET);
    try (var reader = new ImageFolderRecordReader(folder.classes(), preprocessing, 0, 1)) {
      reader.initialize(new FileSplit(folder.root().toFile()));
      Record record = reader.nextRecord();
      NDArrayWritable image = (NDArrayWritable) record.getRecord().get(0);
      assertThat(image.get().shape()).containsExactly(1, 3, SIZE, SIZE);
      String parent = Path.of(record.getMetaData().getURI()).getParent().getFileName().toString();
      assertThat(record.getRecord().get(1).toInt()).isEqualTo(folder.classes().indexOf(parent));
      assertThat(reader.loadFromMetaData(record.getMetaData()).getRecord())
          .isEqualTo(record.getRecord());
    }
  }
}
