package org.kerneldna.train.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/**
 * Remembers what was found in a folder, beside it or, where that cannot be written, in the user's
 * cache folder. It is forgotten when what is in the folder has changed, by the names, sizes and
 * times of its entries.
 *
 * @param <T> what was found
 */
@Slf4j
abstract class IndexFile<T> {

  private static final String NAME = ".kerneldna-index";
  private static final String FORMAT = "kerneldna index 1";

  /** What changes within this time of being looked at may look the same afterwards. */
  private static final long UNSURE_MILLIS = 2_000;

  private final Path folder;
  private final List<Entry> entries;

  /** What of an entry tells that it has changed. */
  private record Entry(String name, long modified, long size) {

    static Entry of(Path path) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new Entry(
            path.getFileName().toString(),
            attributes.lastModifiedTime().toMillis(),
            attributes.isDirectory() ? 0 : attributes.size());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * @param entries of the folder that count, in order
   */
  IndexFile(Path folder, List<Path> entries) {
    this.folder = folder;
    this.entries = entries.stream().map(Entry::of).toList();
  }

  /** Looks into the entries. */
  abstract T find();

  abstract void write(T found, DataOutputStream out) throws IOException;

  abstract T read(DataInputStream in) throws IOException;

  /** What is remembered, or else is found now. */
  T get() {
    return load(beside()).or(() -> load(cached())).orElseGet(this::findAndSave);
  }

  private Path beside() {
    return folder.resolve(NAME);
  }

  private Path cached() {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path base =
        caches != null && !caches.isBlank()
            ? Path.of(caches)
            : Path.of(System.getProperty("user.home"), ".cache");
    byte[] path = folder.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
    return base.resolve("kerneldna").resolve(UUID.nameUUIDFromBytes(path) + ".index");
  }

  private Optional<T> load(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      return in.readUTF().equals(FORMAT) && readEntries(in).equals(entries)
          ? Optional.of(read(in))
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      log.warn("{} is damaged and is made anew: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static List<Entry> readEntries(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(new Entry(in.readUTF(), in.readLong(), in.readLong()));
    }
    return entries;
  }

  private T findAndSave() {
    long now = System.currentTimeMillis();
    T found = find();
    if (entries.stream().allMatch(entry -> entry.modified() < now - UNSURE_MILLIS)) {
      save(found);
    }
    return found;
  }

  /** An index that cannot be saved costs time at the next start, and nothing else. */
  private void save(T found) {
    Path file = Files.isWritable(folder) ? beside() : cached();
    try {
      AtomicFile.write(file, temporary -> write(found, temporary));
    } catch (InputException e) {
      log.warn("the next start will list {} anew: {}", folder, e.getMessage());
    }
  }

  private void write(T found, Path file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeUTF(FORMAT);
      out.writeInt(entries.size());
      for (Entry entry : entries) {
        out.writeUTF(entry.name());
        out.writeLong(entry.modified());
        out.writeLong(entry.size());
      }
      write(found, out);
    }
  }
}
