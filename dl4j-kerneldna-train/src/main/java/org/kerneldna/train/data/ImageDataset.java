package org.kerneldna.train.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kerneldna.train.io.InputException;

/** Training and validation images of the same classes. */
public record ImageDataset(ImageSource train, ImageSource val) {

  private static final int DUMMY_TRAIN = 100;
  private static final int DUMMY_VAL = 10;
  private static final int DUMMY_PIXELS = 256;

  /**
   * Finds a data set: as folders of classes, as ImageNet is laid out, {@code train/<class>/*} and
   * {@code val/<class>/*}; as {@code train/*.tar} and {@code val/*.tar}, see {@link ImageShards};
   * or as {@code train.txt} and {@code val.txt}, see {@link FileList}.
   *
   * @throws InputException if a part is missing or empty, or their classes differ
   */
  public static ImageDataset open(Path root) {
    ImageSource train = open(root, "train");
    ImageSource val = open(root, "val");
    requireSameClasses(train.classes(), train.name(), val);
    return new ImageDataset(train, val);
  }

  /**
   * Finds a part of a data set.
   *
   * @param part {@code train} or {@code val}
   * @throws InputException if it is missing or empty
   */
  public static ImageSource open(Path root, String part) {
    Path list = root.resolve(part + ".txt");
    if (Files.isRegularFile(list)) {
      return FileList.open(list);
    }
    Path folder = root.resolve(part);
    return ImageShards.isIn(folder) ? ImageShards.open(folder) : ImageFolder.open(folder);
  }

  /**
   * Random images without files: 100 a class to train on and 10 a class to evaluate, of 256 pixels.
   */
  public static ImageDataset dummy(int classes) {
    return new ImageDataset(
        new DummyImages(classes, DUMMY_TRAIN * classes, DUMMY_PIXELS),
        new DummyImages(classes, DUMMY_VAL * classes, DUMMY_PIXELS));
  }

  /** Names of the classes; a class's index is its label. */
  public List<String> classes() {
    return train.classes();
  }

  /**
   * Checks that images have exactly the expected classes.
   *
   * @param expected sorted class names
   * @param source where the expected classes come from, for the message
   * @throws InputException naming a class that is missing or too many
   */
  public static void requireSameClasses(List<String> expected, String source, ImageSource images) {
    requireAll(expected, source, images.classes(), images.name());
    requireAll(images.classes(), images.name(), expected, source);
  }

  private static void requireAll(
      List<String> wanted, String source, List<String> present, String place) {
    List<String> missing = new ArrayList<>(wanted);
    missing.removeAll(present);
    if (!missing.isEmpty()) {
      throw new InputException(
          "%s lacks class '%s' of %s (%d of %d classes missing): both must have the same classes"
              .formatted(place, missing.get(0), source, missing.size(), wanted.size()));
    }
  }
}
