package org.kerneldna.train.data;

import static java.util.Comparator.comparing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.kerneldna.train.io.InputException;

/**
 * A text file with a line for each image: its path, relative to the list's folder, then a space or
 * tab, then its class, a name or number. Classes are sorted, as numbers if all are.
 */
public final class FileList implements IndexedImages {

  private final Path file;
  private final List<String> classes;
  private final Names paths;
  private final int[] labels;

  private FileList(Path file, List<String> classes, Names paths, int[] labels) {
    this.file = file;
    this.classes = classes;
    this.paths = paths;
    this.labels = labels;
  }

  /**
   * Reads a list. Whether its files exist shows when they are read.
   *
   * @throws InputException if the list cannot be read, is empty or has a line without a class
   */
  public static FileList open(Path file) {
    Names.Builder paths = new Names.Builder();
    IntStream.Builder numbers = IntStream.builder();
    Map<String, Integer> numbersOfClasses = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String text = line.strip();
        if (!text.isEmpty()) {
          int gap = gap(text, file, number);
          paths.add(text.substring(0, gap).strip());
          String className = text.substring(gap + 1);
          numbersOfClasses.putIfAbsent(className, numbersOfClasses.size());
          numbers.add(numbersOfClasses.get(className));
        }
      }
    } catch (IOException e) {
      throw new InputException(file + " cannot be read as text: " + e, e);
    }
    if (numbersOfClasses.isEmpty()) {
      throw new InputException(file + " names no images: expected lines of <path> <class>");
    }
    List<String> classes = sorted(numbersOfClasses.keySet().stream().toList());
    int[] labels = new int[classes.size()];
    for (int label = 0; label < labels.length; label++) {
      labels[numbersOfClasses.get(classes.get(label))] = label;
    }
    return new FileList(
        file, classes, paths.build(), numbers.build().map(number -> labels[number]).toArray());
  }

  /** Where the last white space is. */
  private static int gap(String line, Path file, int number) {
    int gap = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
    if (gap < 0) {
      throw new InputException(
          "line %d of %s, '%s', has no class: expected <path> <class>"
              .formatted(number, file, line));
    }
    return gap;
  }

  private static List<String> sorted(List<String> classes) {
    boolean numbers = classes.stream().allMatch(name -> name.matches("[0-9]{1,9}"));
    return numbers
        ? classes.stream().sorted(comparing(Integer::valueOf)).toList()
        : classes.stream().sorted().toList();
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return paths.size();
  }

  @Override
  public ImageFile get(int index) {
    return new FileOnDisk(file.resolveSibling(paths.get(index)), labels[index]);
  }
}
