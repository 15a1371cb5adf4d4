package org.kerneldna.train.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.kerneldna.train.io.InputException;

/**
 * Training and validation images of the same classes, laid out as ImageNet is: {@code
 * train/<class>/*} and {@code val/<class>/*}.
 */
public record ImageDataset(ImageSource train, ImageSource val) {

  /**
   * Lists a data set.
   *
   * @param root the folder that holds {@code train} and {@code val}
   * @throws InputException if a part is missing or empty, or their classes differ
   */
  public static ImageDataset open(Path root) {
    ImageFolder train = ImageFolder.open(root.resolve("train"));
    ImageFolder val = ImageFolder.open(root.resolve("val"));
    requireSameClasses(train.classes(), train.name(), val);
    return new ImageDataset(train, val);
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
