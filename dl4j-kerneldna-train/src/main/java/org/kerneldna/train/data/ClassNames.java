package org.kerneldna.train.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.kerneldna.train.io.InputException;

/**
 * Names of classes in the order of their labels: a class's index is its label. Unchangeable; no
 * name occurs twice. Labels of one order mean nothing in another one: see {@link
 * ImageSource#labelledBy}.
 */
public final class ClassNames extends AbstractList<String> implements RandomAccess {

  static final ClassNames NONE = new ClassNames(List.of());

  /** How many names a message tells. */
  private static final int TOLD = 3;

  /** What would break a line, or what a terminal obeys. A tab does neither. */
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\u2028\\u2029&&[^\\t]]");

  private final List<String> names;
  private final Map<String, Integer> labels = new HashMap<>();

  private ClassNames(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : this.names) {
      requireLine(name);
      if (labels.putIfAbsent(name, labels.size()) != null) {
        throw new InputException(
            "class '%s' is named twice: give each class a name of its own".formatted(name));
      }
    }
  }

  /** Files of classes have a line for each, and so have messages. */
  private static void requireLine(String name) {
    if (name.isBlank() || CONTROL.matcher(name).find()) {
      throw new InputException(
          "class '%s' has a name that is blank, or has a line break or another control character: rename it"
              .formatted(CONTROL.matcher(name).replaceAll("?")));
    }
  }

  /**
   * Names in the order of their labels.
   *
   * @throws InputException if a name occurs twice, is blank or has a control character other than a
   *     tab
   */
  @JsonCreator
  public static ClassNames of(List<String> names) {
    return names instanceof ClassNames same ? same : new ClassNames(names);
  }

  /**
   * Names sorted by their characters' codes, whatever the system's language, as torchvision sorts
   * folders.
   */
  public static ClassNames sorted(Collection<String> names) {
    return new ClassNames(names.stream().sorted().toList());
  }

  /** The names 0, 1, 2, ... */
  public static ClassNames numbered(int count) {
    return new ClassNames(IntStream.range(0, count).mapToObj(Integer::toString).toList());
  }

  @Override
  public String get(int label) {
    return names.get(label);
  }

  @Override
  public int size() {
    return names.size();
  }

  /** The label of a class, or -1. */
  @Override
  public int indexOf(Object name) {
    return labels.getOrDefault(name, -1);
  }

  @Override
  public boolean contains(Object name) {
    return labels.containsKey(name);
  }

  /**
   * The labels that these classes have in another order of the same classes.
   *
   * @param place where these classes come from, for the message
   * @param otherPlace where the others come from, for the message
   * @throws InputException naming the classes that only one of them has
   */
  int[] labelsIn(ClassNames other, String place, String otherPlace) {
    List<String> differences = new ArrayList<>();
    addMissing(differences, this, place, other, otherPlace);
    addMissing(differences, other, otherPlace, this, place);
    if (!differences.isEmpty()) {
      throw new InputException(
          String.join("; ", differences) + ": both must have the same classes by name");
    }
    return names.stream().mapToInt(other::indexOf).toArray();
  }

  private static void addMissing(
      List<String> differences, ClassNames some, String place, ClassNames wanted, String source) {
    List<String> missing = wanted.stream().filter(name -> !some.contains(name)).toList();
    if (!missing.isEmpty()) {
      differences.add(
          "%s lacks class %s of %s (%d of %d missing)"
              .formatted(place, told(missing), source, missing.size(), wanted.size()));
    }
  }

  private static String told(List<String> names) {
    return names.stream().limit(TOLD).collect(Collectors.joining("', '", "'", "'"))
        + (names.size() > TOLD ? ", ..." : "");
  }
}
