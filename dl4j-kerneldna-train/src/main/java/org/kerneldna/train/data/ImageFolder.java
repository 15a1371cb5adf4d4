package org.kerneldna.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.kerneldna.train.io.InputException;

/**
 * A folder with a folder of images for each class. Every file that is not hidden counts as an
 * image; whether it is one shows when it is read.
 *
 * @param root the folder
 * @param classes names of the class folders, sorted: a class's index is its label
 * @param images all files, sorted by class, then name
 */
public record ImageFolder(Path root, List<String> classes, List<Path> images)
    implements IndexedImages {

  /**
   * Lists a folder.
   *
   * @throws InputException if the folder, its class folders or the images are missing
   */
  public static ImageFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw unusable(root, "is not a folder");
    }
    List<Path> classes = list(root, Files::isDirectory);
    if (classes.isEmpty()) {
      throw unusable(root, "has no class folders");
    }
    List<Path> images = new ArrayList<>();
    for (Path folder : classes) {
      images.addAll(list(folder, Files::isRegularFile));
    }
    if (images.isEmpty()) {
      throw unusable(root, "has class folders without any images");
    }
    return new ImageFolder(root, names(classes), List.copyOf(images));
  }

  @Override
  public String name() {
    return root.toString();
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public ImageFile get(int index) {
    Path file = images.get(index);
    return new FileOnDisk(file, classes.indexOf(file.getParent().getFileName().toString()));
  }

  /**
   * The folder with some of its images, evenly spread over the classes.
   *
   * @param count how many; all if it has fewer
   */
  public ImageFolder sample(int count) {
    int wanted = Math.min(count, images.size());
    List<Path> some =
        IntStream.range(0, wanted)
            .mapToObj(i -> images.get((int) ((long) i * images.size() / wanted)))
            .toList();
    return new ImageFolder(root, classes, some);
  }

  private static InputException unusable(Path root, String why) {
    return new InputException(
        root + " " + why + ": expected images as " + root + "/<class>/<image file>");
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(e -> !e.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> names(List<Path> folders) {
    return folders.stream().map(folder -> folder.getFileName().toString()).toList();
  }
}
