package org.kerneldna.train.data;

import static java.util.Comparator.comparing;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.kerneldna.train.io.InputException;
import org.kerneldna.train.io.TextLines;

/**
 * A text file with a line for each image: its path, relative to the list's folder, then a tab, then
 * its class, a name or number. In place of the tab there may be spaces before a class of one word.
 * Either may stand in quotes, as spreadsheets write them. Empty lines and lines that begin with #
 * do not count. Classes are sorted, as numbers if all are.
 */
public final class FileList implements IndexedImages {

  private final Path file;
  private final ClassNames classes;
  private final Names paths;
  private final int[] labels;

  private FileList(Path file, ClassNames classes, Names paths, int[] labels) {
    this.file = file;
    this.classes = classes;
    this.paths = paths;
    this.labels = labels;
  }

  /**
   * Reads a list. Whether its files exist shows when they are read.
   *
   * @throws InputException if the list cannot be read, is empty, or a line of it is not UTF-8, has
   *     no class or no path
   */
  public static FileList open(Path file) {
    Names.Builder paths = new Names.Builder();
    IntStream.Builder numbers = IntStream.builder();
    Map<String, Integer> numbersOfClasses = new HashMap<>();
    TextLines.read(
        file,
        (number, line) -> {
          if (!line.isBlank() && !line.startsWith("#")) {
            Line image = Line.of(line.strip(), file, number);
            paths.add(image.path);
            numbersOfClasses.putIfAbsent(image.className, numbersOfClasses.size());
            numbers.add(numbersOfClasses.get(image.className));
          }
        });
    if (numbersOfClasses.isEmpty()) {
      throw new InputException(file + " names no images: expected lines of <path> <class>");
    }
    ClassNames classes = sorted(numbersOfClasses.keySet());
    int[] labels = new int[classes.size()];
    numbersOfClasses.forEach((name, number) -> labels[number] = classes.indexOf(name));
    return new FileList(
        file, classes, paths.build(), numbers.build().map(number -> labels[number]).toArray());
  }

  /** An image's path and class. */
  private record Line(String path, String className) {

    static Line of(String line, Path file, int number) {
      int gap = gap(line);
      String path = unquoted(line.substring(0, gap));
      String className = unquoted(line.substring(gap));
      if (path.isEmpty() || className.isEmpty()) {
        throw wrong(number, file, line, "has no class: expected <path> <class>");
      }
      if (path.indexOf('\t') >= 0) {
        throw wrong(number, file, line, "has more than two columns: expected <path> <class>");
      }
      try {
        Path.of(path);
      } catch (InvalidPathException e) {
        throw wrong(number, file, line, "has a path that this system cannot have: mend it");
      }
      return new Line(path, className);
    }

    /** Where the class begins: behind the last tab, else with its quote, else behind a space. */
    private static int gap(String line) {
      int tab = line.lastIndexOf('\t');
      if (tab >= 0) {
        return tab + 1;
      }
      return line.endsWith("\"")
          ? Math.max(0, line.lastIndexOf('"', line.length() - 2))
          : line.lastIndexOf(' ') + 1;
    }

    private static String unquoted(String field) {
      String text = field.strip();
      return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
          ? text.substring(1, text.length() - 1).replace("\"\"", "\"")
          : text;
    }

    private static InputException wrong(int number, Path file, String line, String what) {
      return new InputException("line %d of %s, '%s', %s".formatted(number, file, line, what));
    }
  }

  private static ClassNames sorted(Collection<String> classes) {
    boolean numbers = classes.stream().allMatch(name -> name.matches("[0-9]{1,9}"));
    return numbers
        ? ClassNames.of(
            classes.stream()
                .sorted(
                    comparing((String name) -> Integer.valueOf(name)).thenComparing(name -> name))
                .toList())
        : ClassNames.sorted(classes);
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public ClassNames classes() {
    return classes;
  }

  @Override
  public int size() {
    return paths.size();
  }

  @Override
  public ImageFile get(int index) {
    return new FileOnDisk(path(paths.get(index)), labels[index]);
  }

  /** A backslash separates folders where the list was written on Windows. */
  private Path path(String path) {
    Path asWritten = file.resolveSibling(path);
    return path.indexOf('\\') < 0 || Files.exists(asWritten)
        ? asWritten
        : file.resolveSibling(path.replace('\\', '/'));
  }
}
