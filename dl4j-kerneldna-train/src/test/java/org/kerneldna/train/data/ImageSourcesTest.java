package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;
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

  private static Object inode(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  @Test
  void theListOfFilesIsRememberedUntilAFolderChanges() throws IOException {
    for (String path : List.of("train/ant/1.jpg", "train/ant/in/2.jpg", "train/cat/3.jpg")) {
      file(path);
    }
    Path train = root.resolve("train");
    TestFiles.age();
    ImageFolder first = ImageFolder.open(train);
    Path index = train.resolve(".kerneldna-index");
    Object written = inode(index);
    assertThat(ImageFolder.open(train).images()).isEqualTo(first.images());
    assertThat(inode(index)).isEqualTo(written);

    // As rsync -a and cp -a do: other files, and the times of before.
    Path in = train.resolve("ant/in");
    FileTime time = Files.getLastModifiedTime(in);
    Files.move(in.resolve("2.jpg"), in.resolve("7.jpg"));
    Files.setLastModifiedTime(in, time);
    assertThat(ImageFolder.open(train).images()).contains(in.resolve("7.jpg")).hasSize(3);
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

  /** Whatever another program writes, at any place, with a valid checksum. */
  @Test
  void aDamagedOrHostileIndexIsMadeAnew() throws IOException {
    file("train/ant/1.jpg");
    file("train/ant/2.jpg");
    Path train = root.resolve("train");
    TestFiles.age();
    List<Path> images = ImageFolder.open(train).images();
    Path index = train.resolve(".kerneldna-index");
    byte[] bytes = Files.readAllBytes(index);
    for (int length : new int[] {0, 10, bytes.length - 3}) {
      Files.write(index, Arrays.copyOf(bytes, length));
      assertThat(ImageFolder.open(train).images()).isEqualTo(images);
      assertThat(Files.readAllBytes(index)).isEqualTo(bytes);
    }
    for (int place = 0; place <= bytes.length - 12; place++) {
      for (int number : new int[] {-1, 0, 1, Integer.MAX_VALUE, Integer.MAX_VALUE / 4}) {
        ByteBuffer hostile = ByteBuffer.wrap(bytes.clone()).putInt(place, number);
        CRC32C sum = new CRC32C();
        sum.update(hostile.array(), 0, bytes.length - 8);
        Files.write(index, hostile.putLong(bytes.length - 8, sum.getValue()).array());
        ImageFolder folder = ImageFolder.open(train);
        // Names are whatever is written, and show when they are read.
        assertThat(folder.size()).isEqualTo(2);
        assertThat(folder.images()).hasSize(2);
      }
    }
    bytes[bytes.length - 30] ^= 1;
    Files.write(index, bytes);
    assertThat(ImageFolder.open(train).images()).isEqualTo(images);
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
  void readsAListThatASpreadsheetOnWindowsSaved() throws IOException {
    for (String path : List.of("cat/1.jpg", "cat/2.jpg", "cat/3.jpg", "dog/1.jpg")) {
      file(path);
    }
    Files.write(
        root.resolve("train.txt"), TestImages.resource(FileList.class, "bom-tab-backslash.txt"));
    FileList list = FileList.open(root.resolve("train.txt"));
    assertThat(list.classes()).containsExactly("cat", "dog", "tabby cat");
    assertThat(IntStream.range(0, 4).map(i -> list.get(i).label())).containsExactly(0, 2, 0, 1);
    assertThat(names(list.inOrder()))
        .containsExactly(
            root.resolve("cat/1.jpg").toString(),
            root.resolve("cat/2.jpg").toString(),
            root.resolve("cat/3.jpg").toString(),
            root.resolve("dog/1.jpg").toString());
    assertThat(list.get(2).read()).isNotEmpty();
  }

  @Test
  void aListMayHaveQuotesAndComments() throws IOException {
    file("back\\slash.jpg");
    Files.writeString(
        root.resolve("train.txt"),
        """
        # path class
        "a ""b"".jpg"\t"tabby cat"
        c d.jpg "tabby cat"
        "e f.jpg" dog

        back\\slash.jpg dog
        """);
    FileList list = FileList.open(root.resolve("train.txt"));
    assertThat(list.classes()).containsExactly("dog", "tabby cat");
    assertThat(names(list.inOrder()))
        .containsExactly(
            root.resolve("a \"b\".jpg").toString(),
            root.resolve("c d.jpg").toString(),
            root.resolve("e f.jpg").toString(),
            root.resolve("back\\slash.jpg").toString());
    assertThat(IntStream.range(0, 4).map(i -> list.get(i).label())).containsExactly(1, 1, 0, 0);
  }

  @Test
  void mistakesInAListAreNamed() throws IOException {
    Path file = root.resolve("train.txt");
    Files.write(file, List.of("a.jpg 1", "b.jpg"));
    assertThatThrownBy(() -> FileList.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage("line 2 of " + file + ", 'b.jpg', has no class: expected <path> <class>");
    Files.write(file, List.of("a.jpg\t1\ttrain"));
    assertThatThrownBy(() -> FileList.open(file)).hasMessageContaining("more than two columns");
    Files.writeString(file, "a\0.jpg 1");
    assertThatThrownBy(() -> FileList.open(file)).hasMessageContaining("line 1 of " + file);
    Files.writeString(file, "\n");
    assertThatThrownBy(() -> FileList.open(file)).hasMessageContaining(file + " names no images");
    Files.write(file, "a.jpg ant\ngr\u00f6\u00dfe.jpg ant\n".getBytes("windows-1252"));
    assertThatThrownBy(() -> FileList.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage("line 2 of " + file + " is not UTF-8: save the file as UTF-8");
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

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeAmongTheImagesIsNotWaitedFor() throws Exception {
    Path pipe = root.resolve("1.png");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    assertThatThrownBy(() -> new FileOnDisk(pipe, 0).read()).hasMessageContaining("pipe");
    assertThatThrownBy(() -> new FileOnDisk(root, 0).read()).hasMessageContaining("folder");
    assertThatThrownBy(() -> new FileOnDisk(root.resolve("2.png"), 0).read())
        .hasMessage("the file is missing");
  }

  /** Which {@code classes.txt} would turn into other classes. */
  @Test
  void aClassHasANameOfOneLine() {
    for (String name : List.of("a\nb", "a\rb", "\u001b[31m", " ", "")) {
      assertThatThrownBy(() -> ClassNames.of(List.of("cat", name)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("rename it")
          .extracting(Throwable::getMessage)
          .asString()
          .doesNotContainPattern("\\p{Cc}");
    }
    assertThat(ClassNames.of(List.of("a\tb", " a "))).hasSize(2);
  }
}
