package org.kerneldna.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.train.io.InputException;

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
      image("ant/" + name);
      image("cat/" + name);
    }
    ImageFolder folder = ImageFolder.open(root);
    assertThat(folder.sample(4).images())
        .containsExactly(
            root.resolve("ant/1"),
            root.resolve("ant/3"),
            root.resolve("cat/1"),
            root.resolve("cat/3"));
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
        .hasMessageContaining(root.resolve("train") + " has class folders without any images");
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
