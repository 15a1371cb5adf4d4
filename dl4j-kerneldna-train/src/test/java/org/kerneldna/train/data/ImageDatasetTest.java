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
    assertThat(data.train().images())
        .extracting(Path::getFileName)
        .map(Path::toString)
        .containsExactly("2.png", "1.jpg");
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
