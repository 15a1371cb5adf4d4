package org.kerneldna.train.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/** What is in folders. */
@UtilityClass
class Folders {

  /**
   * Entries that are wanted and not hidden, sorted.
   *
   * @throws InputException if the folder cannot be read
   */
  List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InputException(folder + " cannot be listed: " + e, e);
    }
  }

  List<String> names(List<Path> entries) {
    return entries.stream().map(entry -> entry.getFileName().toString()).toList();
  }
}
