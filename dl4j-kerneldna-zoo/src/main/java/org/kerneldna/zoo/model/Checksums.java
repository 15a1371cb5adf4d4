package org.kerneldna.zoo.model;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.kerneldna.zoo.io.Sha256;

/** The entry {@value ModelFile#SUMS} of a model file: lines as {@code sha256sum} writes them. */
@UtilityClass
public class Checksums {

  private static final String SEPARATOR = "  ";

  /**
   * A line for every entry at the top of the zip, by name.
   *
   * @throws IOException if one cannot be read
   */
  public String of(FileSystem zip) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path entry : entries(zip)) {
      lines.add(Sha256.of(entry) + SEPARATOR + entry.getFileName());
    }
    return lines.stream().map(line -> line + "\n").collect(joining());
  }

  private List<Path> entries(FileSystem zip) throws IOException {
    try (Stream<Path> entries = Files.list(zip.getPath("/"))) {
      return entries.sorted().toList();
    }
  }

  /**
   * The checksums by name; where a name has two lines, the last counts.
   *
   * @throws IllegalArgumentException if a line is none of {@code sha256sum}'s
   */
  Map<String, String> parse(String lines) {
    Map<String, String> sums = new TreeMap<>();
    for (String line : lines.lines().toList()) {
      if (!line.matches("[0-9a-f]{" + Sha256.DIGITS + "}" + SEPARATOR + ".+")) {
        throw new IllegalArgumentException("not a line of checksums: " + line);
      }
      sums.put(
          line.substring(Sha256.DIGITS + SEPARATOR.length()), line.substring(0, Sha256.DIGITS));
    }
    return sums;
  }
}
