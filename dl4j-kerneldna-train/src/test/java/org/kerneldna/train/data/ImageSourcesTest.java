package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.io.InputException;

class ImageSourcesTest {

  @TempDir Path root;

  private void file(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "an image");
  }

  private static List<String> names(ImageStream images) {
    List<String> names = new ArrayList<>();
    images.forEachRemaining(image -> names.add(image.name()));
    return names;
  }

  @Test
  void theListOfFilesIsRememberedUntilAFolderChanges() throws IOException {
    for (String path : List.of("train/ant/1.jpg", "train/ant/2.jpg", "train/cat/3.jpg")) {
      file(path);
    }
    Path train = root.resolve("train");
    TestFiles.age(train);
    ImageFolder first = ImageFolder.open(train);
    assertThat(train.resolve(".kerneldna-index")).exists();
    FileTime time = Files.getLastModifiedTime(train.resolve("ant"));
    Files.delete(train.resolve("ant/1.jpg"));
    Files.setLastModifiedTime(train.resolve("ant"), time);
    assertThat(ImageFolder.open(train).images()).isEqualTo(first.images());

    file("train/cat/4.jpg");
    assertThat(ImageFolder.open(train).images()).contains(train.resolve("cat/4.jpg")).hasSize(3);
    TestFiles.age(train);
    file("train/bee/5.jpg");
    assertThat(ImageFolder.open(train).classes()).containsExactly("ant", "bee", "cat");
    assertThat(first.size()).isEqualTo(3);
  }

  @Test
  void aFolderThatHasJustChangedIsNotRemembered() throws IOException {
    file("train/ant/1.jpg");
    ImageFolder.open(root.resolve("train"));
    assertThat(root.resolve("train/.kerneldna-index")).doesNotExist();
  }

  @Test
  void aDamagedIndexIsMadeAnew() throws IOException {
    file("train/ant/1.jpg");
    Path train = root.resolve("train");
    TestFiles.age(train);
    ImageFolder.open(train);
    Path index = train.resolve(".kerneldna-index");
    byte[] bytes = Files.readAllBytes(index);
    for (int length : new int[] {0, 10, bytes.length - 3}) {
      Files.write(index, java.util.Arrays.copyOf(bytes, length));
      assertThat(ImageFolder.open(train).images()).containsExactly(train.resolve("ant/1.jpg"));
      assertThat(Files.readAllBytes(index)).isEqualTo(bytes);
    }
  }

  @Test
  void classesMayHaveNoImages() throws IOException {
    file("train/b/1.jpg");
    file("train/d/2.jpg");
    for (String empty : List.of("a", "c", "e")) {
      Files.createDirectories(root.resolve("train").resolve(empty));
    }
    ImageFolder folder = ImageFolder.open(root.resolve("train"));
    assertThat(List.of(folder.get(0).label(), folder.get(1).label())).containsExactly(1, 3);
    assertThat(folder.sample(1).get(0).label()).isEqualTo(1);
  }

  @Test
  void aListNamesImagesAndClasses() throws IOException {
    Files.writeString(
        root.resolve("train.txt"), "a b/1.jpg cat\n\n  2.jpg\tant\r\n/elsewhere/3.jpg  cat\n");
    FileList list = FileList.open(root.resolve("train.txt"));
    assertThat(list.classes()).containsExactly("ant", "cat");
    assertThat(names(list.inOrder()))
        .containsExactly(
            root.resolve("a b/1.jpg").toString(),
            root.resolve("2.jpg").toString(),
            "/elsewhere/3.jpg");
    assertThat(IntStream.range(0, 3).map(i -> list.get(i).label())).containsExactly(1, 0, 1);
    assertThatThrownBy(() -> list.get(1).read())
        .isInstanceOf(IOException.class)
        .hasMessage("the file is missing");
  }

  @Test
  void numbersOfClassesAreSortedAsNumbers() throws IOException {
    Files.write(root.resolve("train.txt"), List.of("a 10", "b 9", "c 100"));
    FileList list = FileList.open(root.resolve("train.txt"));
    assertThat(list.classes()).containsExactly("9", "10", "100");
    assertThat(IntStream.range(0, 3).map(i -> list.get(i).label())).containsExactly(1, 0, 2);
  }

  @Test
  void mistakesInAListAreNamed() throws IOException {
    Path file = root.resolve("train.txt");
    Files.write(file, List.of("a.jpg 1", "b.jpg"));
    assertThatThrownBy(() -> FileList.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage("line 2 of " + file + ", 'b.jpg', has no class: expected <path> <class>");
    Files.writeString(file, "\n");
    assertThatThrownBy(() -> FileList.open(file)).hasMessageContaining(file + " names no images");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThatThrownBy(() -> FileList.open(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file + " cannot be read as text");
  }

  @Test
  void theKindOfADataSetIsFound() throws IOException {
    file("folders/train/ant/1.jpg");
    file("folders/val/ant/1.jpg");
    assertThat(ImageDataset.open(root.resolve("folders")).train()).isInstanceOf(ImageFolder.class);
    Files.createDirectories(root.resolve("lists"));
    Files.writeString(root.resolve("lists/train.txt"), "1.jpg ant");
    Files.writeString(root.resolve("lists/val.txt"), "2.jpg ant");
    assertThat(ImageDataset.open(root.resolve("lists")).val()).isInstanceOf(FileList.class);
    ImageFolder folder = ImageFolder.open(root.resolve("folders/train"));
    ShardWriter.write(folder, folder.inOrder(), root.resolve("shards/train"), 1);
    ShardWriter.write(folder, folder.inOrder(), root.resolve("shards/val"), 1);
    assertThat(ImageDataset.open(root.resolve("shards")).train()).isInstanceOf(ImageShards.class);
  }

  @Test
  void dummyImagesHaveTheColourOfTheirClass() throws IOException {
    ImageDataset data = ImageDataset.dummy(3);
    assertThat(data.classes()).containsExactly("0", "1", "2");
    assertThat(data.train().size()).isEqualTo(300);
    DummyImages images = new DummyImages(3, 7, 15);
    double[] reds = new double[7];
    for (int i = 0; i < 7; i++) {
      assertThat(images.get(i).label()).isEqualTo(i % 3);
      RgbImage image = ImageDecoder.decode(images.get(i).read());
      assertThat(image.width()).isEqualTo(15);
      assertThat(image.height()).isEqualTo(15);
      reds[i] =
          IntStream.range(0, 225).map(p -> image.sample(p % 15, p / 15, 0)).average().orElse(0);
    }
    assertThat(Math.abs(reds[0] - reds[3])).isLessThan(15);
    assertThat(Math.abs(reds[0] - reds[1])).isGreaterThan(15);
  }

  @Test
  void namesAreKeptInLittleMemory() throws IOException {
    Names.Builder builder = new Names.Builder();
    for (int i = 0; i < 100; i++) {
      builder.add("größe " + i);
    }
    builder.add("");
    Names names = builder.build();
    assertThat(names).hasSize(101).startsWith("größe 0").endsWith("größe 99", "");
    assertThatThrownBy(() -> names.get(101)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
