package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.io.InputException;
import org.slf4j.LoggerFactory;

class ImageDatasetTest {

  @TempDir Path root;

  private void image(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "an image");
  }

  @Test
  void classesAreTheSortedFolders() throws IOException {
    for (String path :
        new String[] {"train/cat/1.jpg", "train/ant/2.png", "val/cat/3.jpg", "val/ant/4.jpg"}) {
      image(path);
    }
    image("train/.hidden/5.jpg");
    image("train/ant/.DS_Store");
    image("train/notes.txt");
    ImageDataset data = ImageDataset.open(root);
    assertThat(data.classes()).containsExactly("ant", "cat");
    assertThat(((ImageFolder) data.train()).images())
        .extracting(Path::getFileName)
        .map(Path::toString)
        .containsExactly("2.png", "1.jpg");
  }

  @Test
  void aSampleIsSpreadOverTheClasses() throws IOException {
    for (String name : new String[] {"1", "2", "3", "4"}) {
      image("ant/" + name + ".jpg");
      image("cat/" + name + ".jpg");
    }
    ImageFolder folder = ImageFolder.open(root);
    assertThat(folder.sample(4).images())
        .containsExactly(
            root.resolve("ant/1.jpg"),
            root.resolve("ant/3.jpg"),
            root.resolve("cat/1.jpg"),
            root.resolve("cat/3.jpg"));
    assertThat(folder.sample(4).classes()).isEqualTo(folder.classes());
    assertThat(folder.sample(100).images()).isEqualTo(folder.images());
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThatThrownBy(() -> ImageDataset.open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(root.resolve("train") + " is not a folder")
        .hasMessageContaining("/<class>/<image file>");
  }

  @Test
  void aFolderWithoutClassesIsNamed() throws IOException {
    image("train/1.jpg");
    assertThatThrownBy(() -> ImageDataset.open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(root.resolve("train") + " has no class folders");
  }

  @Test
  void aFolderWithoutImagesIsNamed() throws IOException {
    Files.createDirectories(root.resolve("train/cat"));
    assertThatThrownBy(() -> ImageDataset.open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(root.resolve("train/cat") + " is a class without images");
  }

  private static List<String> classesOf(ImageStream images, ClassNames classes) {
    List<String> names = new ArrayList<>();
    images.forEachRemaining(image -> names.add(classes.get(image.label())));
    return names;
  }

  @Test
  void labelsFollowTheTrainingImagesWhateverTheOrderOfTheOthers() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      image("train/" + i + "/1.jpg");
      lines.add("train/" + i + "/1.jpg " + i);
    }
    Files.write(root.resolve("val.txt"), lines);
    ImageDataset data = ImageDataset.open(root);
    assertThat(data.classes())
        .containsExactly("0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(data.val().classes()).isEqualTo(data.classes());
    List<String> inOrder = IntStream.range(0, 12).mapToObj(Integer::toString).toList();
    assertThat(classesOf(data.val().inOrder(), data.classes())).isEqualTo(inOrder);
    assertThat(classesOf(data.val().shuffled(1), data.classes()))
        .containsExactlyInAnyOrderElementsOf(inOrder);

    ClassNames backwards =
        ClassNames.of(data.classes().stream().sorted(Comparator.reverseOrder()).toList());
    ImageDataset other = data.labelledBy(backwards, "a checkpoint");
    assertThat(classesOf(other.train().inOrder(), backwards)).isEqualTo(data.classes());
    assertThat(classesOf(other.val().inOrder(), backwards)).isEqualTo(inOrder);
  }

  @Test
  void aClassHasOneName() {
    assertThatThrownBy(() -> ClassNames.of(List.of("crane", "drake", "crane")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("class 'crane' is named twice");
  }

  @Test
  void whatSystemsAddIsLeftOutAndInnerImagesCount() throws IOException {
    for (String path :
        List.of(
            "cat/1.jpg",
            "cat/b/2.JPEG",
            "cat/b c/3.png",
            "cat/b/deep/4.webp",
            "cat/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg",
            "cat/Thumbs.db",
            "cat/._1.jpg",
            "dog/.ipynb_checkpoints/1.jpg",
            "dog/1.gif",
            "lost+found/1.jpg",
            "__MACOSX/cat/1.jpg",
            "@eaDir/1.jpg",
            "backup.tar",
            "desktop.ini")) {
      image("train/" + path);
      image("val/" + path);
    }
    ImageDataset data = ImageDataset.open(root);
    assertThat(data.classes()).containsExactly("cat", "dog");
    // As torchvision: sorted(os.walk(...)), and "b c" < "b/deep".
    assertThat(((ImageFolder) data.train()).images())
        .map(image -> root.resolve("train").relativize(image).toString())
        .containsExactly(
            "cat/1.jpg", "cat/b c/3.png", "cat/b/2.JPEG", "cat/b/deep/4.webp", "dog/1.gif");
  }

  @Test
  void whatIsLeftOutIsSaidInOneLine() throws IOException {
    for (String path :
        List.of("cat/1.jpg", "cat/a.txt", "cat/Thumbs.db", "x.tar", "lost+found/1")) {
      image(path);
    }
    Logger logger = (Logger) LoggerFactory.getLogger(ImageFolder.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.setLevel(Level.WARN);
    logger.addAppender(lines);
    ImageFolder.open(root);
    logger.detachAppender(lines);
    logger.setLevel(null);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith(root + ": left out 4 entries (" + root.resolve("lost+found") + ", ");
  }

  @Test
  void aClassWithoutImagesIsNamed() throws IOException {
    image("cat/1.jpg");
    image("dog/notes.txt");
    assertThatThrownBy(() -> ImageFolder.open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(root.resolve("dog") + " is a class without images");
  }

  @Test
  void linksAreFollowedButNotInACircle() throws IOException {
    image("elsewhere/1.jpg");
    image("train/cat/2.jpg");
    Files.createSymbolicLink(root.resolve("train/dog"), root.resolve("elsewhere"));
    assertThat(ImageFolder.open(root.resolve("train")).size()).isEqualTo(2);
    Files.createSymbolicLink(root.resolve("train/cat/up"), root.resolve("train/cat"));
    assertThatThrownBy(() -> ImageFolder.open(root.resolve("train")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            root.resolve("train/cat/up") + " is a link to a folder that it is in");
  }

  @Test
  void aSingleClassIsNoTraining() throws IOException {
    image("train/cat/1.jpg");
    image("val/cat/1.jpg");
    assertThatThrownBy(() -> ImageDataset.open(root).requireSeveralClasses())
        .isInstanceOf(InputException.class)
        .hasMessageContaining(root.resolve("train") + " has a single class, 'cat'");
  }

  @Test
  void differentClassesAreNamed() throws IOException {
    for (String path : new String[] {"train/cat/1.jpg", "val/cat/1.jpg", "val/dog/1.jpg"}) {
      image(path);
    }
    assertThatThrownBy(() -> ImageDataset.open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            root.resolve("train") + " lacks class 'dog' of " + root.resolve("val"));
  }
}
