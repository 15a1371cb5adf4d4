package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.datavec.api.records.Record;
import org.datavec.api.split.CollectionInputSplit;
import org.datavec.api.split.FileSplit;
import org.datavec.api.writable.NDArrayWritable;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;

class ImageFolderRecordReaderTest {

  private static final int SIZE = 28;

  private static ImageFolder folder;

  @BeforeAll
  static void unpack(@TempDir Path temp) throws IOException {
    folder = ImageFolder.open(TestImages.unpack(temp, 20).resolve("train"));
  }

  private static ImageFolderRecordReader reader(int workers) throws Exception {
    Preprocessing preprocessing = Preprocessing.forTraining(SIZE, Normalization.IMAGENET);
    var reader = new ImageFolderRecordReader(folder.classes(), preprocessing, 3, workers);
    reader.initialize(new FileSplit(folder.root().toFile()));
    return reader;
  }

  @Test
  void recordsDoNotDependOnTheNumberOfWorkers() throws Exception {
    try (var one = reader(1);
        var three = reader(3)) {
      while (one.hasNext()) {
        assertThat(three.next()).isEqualTo(one.next());
      }
      assertThat(three.hasNext()).isFalse();
    }
  }

  @Test
  void brokenImagesAreLeftOutAndNamed() throws Exception {
    Path empty = Files.write(folder.root().resolve("bag/zero.jpg"), new byte[0]);
    try (var reader = reader(2)) {
      int records = 0;
      for (; reader.hasNext(); reader.next()) {
        records++;
      }
      assertThat(records).isEqualTo(folder.size());
      assertThat(reader.badImages())
          .containsExactly(new BadImage(empty.toString(), "the file is empty"));
    } finally {
      Files.delete(empty);
    }
  }

  @Test
  void anImageThatFailsUnexpectedlyIsLeftOutAndNamed() throws Exception {
    ImageTransform failing =
        (image, random) -> {
          throw new OutOfMemoryError("pretended");
        };
    Preprocessing preprocessing = new Preprocessing(failing, Normalization.IMAGENET);
    try (var reader = new ImageFolderRecordReader(folder.classes(), preprocessing, 3, 2)) {
      reader.initialize(new FileSplit(folder.root().toFile()));
      assertThat(reader.hasNext()).isFalse();
      assertThat(reader.badImages())
          .hasSize(folder.size())
          .allMatch(bad -> bad.reason().equals("28 x 28 pixels need more memory than there is"));
    }
  }

  @Test
  void imagesBelowAClassFolderHaveItsLabelAndOthersNone() throws Exception {
    byte[] image = folder.get(0).read();
    Path inner = Files.createDirectories(folder.root().resolve("coat/inner"));
    Path other = Files.createDirectories(folder.root().resolveSibling("other"));
    Files.write(inner.resolve("1.png"), image);
    Path stray = Files.write(other.resolve("2.png"), image);
    Preprocessing preprocessing = Preprocessing.forEvaluation(SIZE, Normalization.IMAGENET);
    try (var reader = new ImageFolderRecordReader(folder.classes(), preprocessing, 0, 1)) {
      reader.initialize(
          new CollectionInputSplit(List.of(inner.resolve("1.png").toUri(), stray.toUri())));
      assertThat(reader.next().get(1).toInt()).isEqualTo(folder.classes().indexOf("coat"));
      assertThat(reader.hasNext()).isFalse();
      assertThat(reader.badImages())
          .containsExactly(new BadImage(stray.toString(), "it is in the folder of no class"));
    } finally {
      Files.delete(inner.resolve("1.png"));
      Files.delete(inner);
    }
  }

  @Test
  void feedsDeeplearning4jsIterator() throws Exception {
    try (var reader = reader(2)) {
      var batches = new RecordReaderDataSetIterator(reader, 64, 1, folder.classes().size());
      assertThat(batches.next().getFeatures().shape()).containsExactly(64, 3, SIZE, SIZE);
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
