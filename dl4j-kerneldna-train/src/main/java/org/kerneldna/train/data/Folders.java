package org.kerneldna.train.data;

import static java.util.Comparator.comparing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/** What is in folders, in an order that depends on neither the file system nor the language. */
@UtilityClass
class Folders {

  /** What file systems, network storage, Windows and macOS put between a user's files. */
  private static final Set<String> OF_SYSTEMS =
      Set.of(
          "lost+found",
          "@eaDir",
          "#recycle",
          "#snapshot",
          "@Recycle",
          "__MACOSX",
          "$RECYCLE.BIN",
          "System Volume Information");

  /** Whether an entry is hidden, or made by a system and not by the user. */
  boolean isOfSystem(Path entry) {
    String name = entry.getFileName().toString();
    return name.startsWith(".") || OF_SYSTEMS.contains(name);
  }

  /** Whether a file is an image by its name. */
  boolean isImage(Path file) {
    return ImageDecoder.EXTENSIONS.contains(extension(file.getFileName().toString()));
  }

  /** What follows a name's last dot, in lower case; all of it without one. */
  String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /**
   * All entries, sorted by name.
   *
   * @throws InputException if the folder cannot be read
   */
  List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted(comparing(entry -> entry.getFileName().toString())).toList();
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(folder, e);
    }
  }

  List<String> names(List<Path> entries) {
    return entries.stream().map(entry -> entry.getFileName().toString()).toList();
  }

  InputException unreadable(Path entry, Exception cause) {
    return new InputException(
        entry + " cannot be read: " + cause + ": allow it, or move it elsewhere", cause);
  }
}
