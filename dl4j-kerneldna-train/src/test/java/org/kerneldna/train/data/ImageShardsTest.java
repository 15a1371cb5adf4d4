package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.TestImages;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.dataset.DataSet;

class ImageShardsTest {

  private static ImageFolder folder;

  @TempDir Path temp;

  private Path shards;

  @BeforeAll
  static void unpack(@TempDir Path images) throws IOException {
    folder = ImageFolder.open(TestImages.unpack(images, 7).resolve("train"));
  }

  @BeforeEach
  void place() {
    shards = temp.resolve("shards");
  }

  private static ImagePipeline pipeline(int batchSize) {
    return new ImagePipeline(Normalization.IMAGENET, 28, batchSize, 2);
  }

  private static List<DataSet> read(ImageBatches batches) {
    List<DataSet> read = new ArrayList<>();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      read.add(new DataSet(batch.getFeatures().dup(), batch.getLabels().dup()));
    }
    return read;
  }

  private static List<String> names(ImageStream images) {
    List<String> names = new ArrayList<>();
    images.forEachRemaining(image -> names.add(image.name()));
    return names;
  }

  @Test
  void whatIsWrittenIsRead() {
    assertThat(ShardWriter.write(folder, folder.inOrder(), shards, 16)).isEqualTo(5);
    ImageShards read = ImageShards.open(shards);
    assertThat(read.classes()).isEqualTo(folder.classes());
    assertThat(read.size()).isEqualTo(70);
    try (ImageBatches ofFolder = pipeline(30).evaluation(folder);
        ImageBatches ofShards = pipeline(30).evaluation(read)) {
      assertThat(ofShards.count()).isEqualTo(3);
      assertThat(read(ofShards)).isEqualTo(read(ofFolder));
    }
  }

  @Test
  void trainingBatchesDependOnTheSeedAndBeginAnywhere() {
    ShardWriter.write(folder, folder.shuffled(1), shards, 16);
    ImageShards source = ImageShards.open(shards);
    List<DataSet> all;
    try (ImageBatches batches = pipeline(16).training(source, 3)) {
      all = read(batches);
    }
    try (ImageBatches batches = pipeline(16).training(source, 3, 2)) {
      assertThat(read(batches)).isEqualTo(all.subList(2, all.size()));
    }
    try (ImageBatches batches = pipeline(16).training(source, 4)) {
      assertThat(read(batches)).isNotEqualTo(all);
    }
  }

  @Test
  void shufflingMixesShardsAndLosesNothing() {
    ShardWriter.write(folder, folder.inOrder(), shards, 16);
    ImageShards source = ImageShards.open(shards);
    List<String> inOrder = names(source.inOrder());
    List<String> shuffled = names(source.shuffled(1));
    assertThat(shuffled).containsExactlyInAnyOrderElementsOf(inOrder).isNotEqualTo(inOrder);
    assertThat(shuffled.subList(0, 16).stream().map(name -> name.split("[.]tar")[0]).distinct())
        .hasSizeGreaterThan(2);
  }

  @Test
  void aBufferHoldsOnlySoManyImages() {
    ImageStream images = new ShuffleBuffer(folder.inOrder(), 5, new Random(2));
    List<String> inOrder = names(folder.inOrder());
    List<String> buffered = names(images);
    for (int i = 0; i < buffered.size(); i++) {
      assertThat(inOrder.indexOf(buffered.get(i))).isLessThan(i + 5);
    }
    assertThat(buffered).containsExactlyInAnyOrderElementsOf(inOrder).isNotEqualTo(inOrder);
  }

  private void tar(String name, String... files) throws IOException {
    Files.createDirectories(shards);
    byte[] image = folder.get(0).read();
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(shards.resolve(name)))) {
      for (String file : files) {
        String[] nameAndText = file.split("=");
        byte[] bytes = nameAndText.length > 1 ? nameAndText[1].getBytes() : image;
        TarArchiveEntry entry = new TarArchiveEntry(nameAndText[0]);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
  }

  @Test
  void readsWhatOthersWrite() throws IOException {
    tar("a.tar", "x/001.cls=1\n", "x/001.json={}", "x/001.PNG", "x/002.png", "x/002.cls=0");
    tar("b.tar", "003.png", "004.jpeg=no image", "004.cls=2", "005.cls=1", "notes=text");
    ImageShards read = ImageShards.open(shards);
    assertThat(read.size()).isEqualTo(5);
    assertThat(read.classes()).containsExactly("0", "1", "2");
    try (ImageBatches batches = pipeline(5).evaluation(read)) {
      DataSet batch = batches.next();
      assertThat(batch.getLabels().argMax(1).toIntVector()).containsExactly(1, 0);
      assertThat(batches.badImages())
          .containsExactly(
              new BadImage(shards.resolve("b.tar/003.png").toString(), "no .cls file is beside it"),
              new BadImage(
                  shards.resolve("b.tar/004.jpeg").toString(), "not an image of a known format"),
              new BadImage(
                  shards.resolve("b.tar/005").toString(),
                  "no .bmp, .gif, .jpeg, .jpg, .pbm, .pgm, .png, .pnm, .ppm, .tif, .tiff, .webp file is beside it"));
    }
    Files.write(temp.resolve("classes.txt"), List.of("ant", "bee", "cat", "dog"));
    assertThat(ImageShards.open(shards).classes()).containsExactly("ant", "bee", "cat", "dog");
    Files.write(shards.resolve("classes.txt"), List.of("ant"));
    assertThatThrownBy(() -> ImageShards.open(shards))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("names 1 classes, but there are labels up to 2");
  }

  @Test
  void theCountIsRememberedUntilAShardChanges() throws IOException {
    tar("a.tar", "1.png", "1.cls=0");
    TestFiles.age();
    assertThat(ImageShards.open(shards).size()).isEqualTo(1);
    assertThat(shards.resolve(".kerneldna-index")).exists();
    byte[] other = Files.readAllBytes(shards.resolve("a.tar"));
    Files.write(shards.resolve("a.tar"), Arrays.copyOf(other, other.length));
    tar("b.tar", "1.png", "1.cls=0");
    assertThat(ImageShards.open(shards).size()).isEqualTo(2);
  }

  @Test
  void theRestOfADamagedShardIsABadImage() throws IOException {
    ShardWriter.write(folder, folder.inOrder(), shards, 35);
    Path shard = shards.resolve("000000.tar");
    byte[] bytes = Files.readAllBytes(shard);
    ImageShards whole = ImageShards.open(shards);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length / 2));
    ImageShards damaged = ImageShards.open(shards);
    assertThat(damaged.size()).isBetween(46, 60);
    try (ImageBatches batches = pipeline(8).evaluation(damaged)) {
      assertThat(read(batches).stream().mapToInt(DataSet::numExamples).sum())
          .isEqualTo(damaged.size() - 1);
      assertThat(batches.badImages())
          .singleElement()
          .satisfies(
              bad -> {
                assertThat(bad.name()).isEqualTo(shard.toString());
                assertThat(bad.reason()).contains("damaged");
              });
    }
    // Damage that comes later counts, too.
    try (ImageBatches batches = pipeline(8).withMaxBad(0).training(whole, 0)) {
      assertThatThrownBy(() -> read(batches))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(shard.toString());
    }
    Files.write(shard, new byte[0]);
    assertThat(ImageShards.open(shards).size()).isEqualTo(36);
    Files.write(shard, "no tar file, and longer than the zeros at the end".repeat(100).getBytes());
    assertThat(ImageShards.open(shards).size()).isEqualTo(36);
  }

  private ImageShards fixture(String name) throws IOException {
    Files.createDirectories(shards);
    Files.write(shards.resolve(name), TestImages.resource(ImageShards.class, name));
    return ImageShards.open(shards);
  }

  private static List<String> faults(ImageStream images) {
    List<String> faults = new ArrayList<>();
    images.forEachRemaining(
        image -> {
          try {
            image.read();
          } catch (IOException e) {
            faults.add(image.name() + ": " + e.getMessage());
          }
        });
    return faults;
  }

  @Test
  void everyKindOfImageIsASample() throws IOException {
    ImageShards read = fixture("mixed-extensions.tar");
    assertThat(read.size()).isEqualTo(6);
    assertThat(
            names(read.inOrder()).stream().map(name -> name.substring(name.indexOf(".tar/") + 5)))
        .containsExactly("0.jpg", "1.jpg", "2.jpg", "3.jpg", "w.webp", "x.image.jpg");
    assertThat(faults(read.inOrder())).isEmpty();
  }

  @Test
  void whatMacOsAddsIsNoSample() throws IOException {
    ImageShards read = fixture("macos.tar");
    assertThat(read.size()).isEqualTo(4);
    assertThat(faults(read.inOrder())).isEmpty();
  }

  @Test
  void unsortedShardsAreNamedWithTheRemedy() {
    assertThatThrownBy(() -> fixture("unsorted.tar"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            shards.resolve("unsorted.tar")
                + ": the files of 0 do not follow each other: pack them sorted by name, as tar --sort=name does");
  }

  @Test
  void samplesThatAreNotClearAreNamed() throws IOException {
    tar(
        "a.tar",
        "1.seg.png=mask",
        "1.png",
        "1.cls=0",
        "2.png",
        "2.jpg",
        "2.cls=0",
        "3.png",
        "3.cls=x");
    ImageShards read = ImageShards.open(shards);
    assertThat(names(read.inOrder()).get(0)).isEqualTo(shards + "/a.tar/1.png");
    assertThat(faults(read.inOrder()))
        .containsExactly(
            shards + "/a.tar/2.png: both 2.png and 2.jpg are there",
            shards
                + "/a.tar/3.png: no label: its .cls file holds no number and no class of classes.txt");
    Files.write(shards.resolve("classes.txt"), List.of("ant", "x"));
    assertThat(faults(ImageShards.open(shards).inOrder())).hasSize(1);
  }

  @Test
  void imagesOfOneNameStayApart() throws IOException {
    for (String path : List.of("ant/a/1.png", "ant/b/1.png", "ant/1_png.png", "bee/1.png")) {
      Path file = temp.resolve("images").resolve(path);
      Files.createDirectories(file.getParent());
      Files.copy(folder.images().get(0), file);
    }
    ImageFolder images = ImageFolder.open(temp.resolve("images"));
    ShardWriter.write(images, images.inOrder(), shards, 10);
    assertThat(ImageShards.open(shards).size()).isEqualTo(4);
  }

  @Test
  void shardsBesideClassFoldersAreNotTaken() throws IOException {
    tar("a.tar", "1.png", "1.cls=0");
    Path image = shards.resolve("cat/1.png");
    Files.createDirectories(image.getParent());
    assertThat(ImageDataset.open(temp, "shards")).isInstanceOf(ImageShards.class);
    Files.copy(folder.images().get(0), image);
    assertThat(ImageDataset.open(temp, "shards")).isInstanceOf(ImageFolder.class);
  }

  @Test
  void shardsAreNotOverwritten() {
    ShardWriter.write(folder, folder.inOrder(), shards, 70);
    assertThatThrownBy(() -> ShardWriter.write(folder, folder.inOrder(), shards, 70))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(shards + " has tar files already");
  }

  @Test
  void longAndForeignNamesSurvive() throws IOException {
    String name = "größe 1 #2 100% " + "long".repeat(40) + ".png";
    Path file = temp.resolve("images/größe").resolve(name);
    Files.createDirectories(file.getParent());
    Files.copy(folder.images().get(0), file);
    ImageFolder foreign = ImageFolder.open(temp.resolve("images"));
    ShardWriter.write(foreign, foreign.inOrder(), shards, 100);
    ImageShards read = ImageShards.open(shards);
    assertThat(read.classes()).containsExactly("größe");
    assertThat(names(read.inOrder()))
        .containsExactly(shards + "/000000.tar/größe/" + name.replace('.', '_') + ".png");
  }

  @Test
  void classesMayBeNamedOtherwiseOnceTheListingIsKept() throws IOException {
    tar("a.tar", "1.png", "1.cls=ant", "2.png", "2.cls=bee");
    Path classes = shards.resolve("classes.txt");
    Files.writeString(classes, "unused\nant\nbee\n");
    TestFiles.age();
    assertThat(ImageShards.open(shards).classes()).hasSize(3);
    Files.writeString(classes, "ant\nbee\n");
    assertThat(ImageShards.open(shards).classes()).containsExactly("ant", "bee");
  }
}
