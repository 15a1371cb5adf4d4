package org.kerneldna.train.data;

import java.nio.file.Files;
import java.nio.file.Path;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.io.InputException;

/**
 * Training and validation images of the same classes. Whatever the order of the classes in the
 * validation images was, they have the labels of the training images.
 */
@Slf4j
public record ImageDataset(ImageSource train, ImageSource val) {

  private static final int DUMMY_TRAIN = 100;
  private static final int DUMMY_VAL = 10;
  private static final int DUMMY_PIXELS = 256;

  /**
   * @throws InputException naming the classes that only one part has
   */
  public ImageDataset {
    val = val.labelledBy(train.classes(), train.name());
  }

  /**
   * Finds a data set: as folders of classes, as ImageNet is laid out, {@code train/<class>/*} and
   * {@code val/<class>/*}; as {@code train/*.tar} and {@code val/*.tar}, see {@link ImageShards};
   * or as {@code train.txt} and {@code val.txt}, see {@link FileList}.
   *
   * @throws InputException if a part is missing or empty, or their classes differ
   */
  public static ImageDataset open(Path root) {
    return new ImageDataset(open(root, "train"), open(root, "val"));
  }

  /**
   * Finds a part of a data set.
   *
   * @param part {@code train} or {@code val}
   * @throws InputException if it is missing or empty
   */
  public static ImageSource open(Path root, String part) {
    Path list = root.resolve(part + ".txt");
    Path folder = root.resolve(part);
    if (Files.isRegularFile(list)) {
      if (Files.isDirectory(folder)) {
        log.info("takes the images that {} lists, whatever else {} holds", list, folder);
      }
      return FileList.open(list);
    }
    return ImageShards.isAllOf(folder) ? ImageShards.open(folder) : ImageFolder.open(folder);
  }

  /**
   * Random images without files: 100 a class to train on and 10 a class to evaluate, of 256 pixels.
   */
  public static ImageDataset dummy(int classes) {
    return new ImageDataset(
        new DummyImages(classes, DUMMY_TRAIN * classes, DUMMY_PIXELS),
        new DummyImages(classes, DUMMY_VAL * classes, DUMMY_PIXELS));
  }

  /** The classes; a class's index is its label in both parts. */
  public ClassNames classes() {
    return train.classes();
  }

  /**
   * The same images with labels by another order of the classes.
   *
   * @param place where the order comes from, for the message
   * @throws InputException naming the classes that only one of them has
   */
  public ImageDataset labelledBy(ClassNames order, String place) {
    return new ImageDataset(train.labelledBy(order, place), val.labelledBy(order, place));
  }

  /**
   * Makes sure that there is something to learn.
   *
   * @throws InputException if there is a single class, which every network tells from no other
   */
  public void requireSeveralClasses() {
    if (classes().size() == 1) {
      throw new InputException(
          "%s has a single class, '%s': training needs two at least"
              .formatted(train.name(), classes().get(0)));
    }
  }
}
