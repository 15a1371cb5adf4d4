package org.kerneldna.train.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import lombok.extern.slf4j.Slf4j;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/**
 * Remembers what was found in a folder, beside it or, where that cannot be written, in the user's
 * cache folder. It is forgotten when an entry that was looked into has changed, by its inode, size
 * and times. One of these, of the last change, no program can set, so that copies that keep times
 * are noticed, too. Where the system does not tell it (Windows), nothing is remembered.
 *
 * @param <T> what was found
 */
@Slf4j
abstract class IndexFile<T> {

  private static final String NAME = ".kerneldna-index";
  private static final String FORMAT = "kerneldna index 2";
  private static final boolean SUPPORTED =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  /** What changes within this time of being looked at may look the same afterwards. */
  private static final long UNSURE_MILLIS = 2_000;

  /** The part of Java's memory that an index may fill, as a divisor. */
  private static final int MOST_OF_MEMORY = 4;

  private final Path folder;
  private final List<String> names;

  /** What was looked into. */
  private final List<Entry> watched = new ArrayList<>();

  /**
   * What of an entry tells that it has changed.
   *
   * @param name path from the folder
   * @param changed nanoseconds of the last change of anything about it
   * @param modified nanoseconds of the last change of its content, as programs may have set it
   */
  private record Entry(String name, long inode, long size, long changed, long modified) {

    static Entry of(Path folder, Path path) {
      try {
        Map<String, Object> attributes =
            Files.readAttributes(path, "unix:ino,size,ctime,lastModifiedTime");
        return new Entry(
            folder.relativize(path).toString(),
            (Long) attributes.get("ino"),
            (Long) attributes.get("size"),
            nanos(attributes.get("ctime")),
            nanos(attributes.get("lastModifiedTime")));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static long nanos(Object time) {
      return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }

    boolean isUnchanged(Path folder) {
      return equals(of(folder, folder.resolve(name)));
    }

    boolean isTop() {
      return Path.of(name).getNameCount() == 1;
    }
  }

  /**
   * @param entries of the folder that count, in order
   */
  IndexFile(Path folder, List<Path> entries) {
    this.folder = folder;
    names = Folders.names(entries);
  }

  /** Whether a file is one of these. */
  static boolean isIndex(Path file) {
    return file.getFileName().toString().equals(NAME);
  }

  /** Looks into the entries, and tells {@link #watch} each before. */
  abstract T find();

  abstract void write(T found, DataOutputStream out) throws IOException;

  /**
   * Reads what {@link #write} wrote, or whatever another program did.
   *
   * @throws IOException if it is damaged
   */
  abstract T read(DataInputStream in) throws IOException;

  /** Lets the index be forgotten when an entry, at any depth, changes from now on. */
  final void watch(Path entry) {
    if (SUPPORTED) {
      watched.add(Entry.of(folder, entry));
    }
  }

  /** What is remembered, or else is found now. */
  T get() {
    return SUPPORTED
        ? load(beside()).or(() -> load(cached())).orElseGet(this::findAndSave)
        : find();
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
    if (file.toFile().length() > Runtime.getRuntime().maxMemory() / MOST_OF_MEMORY) {
      log.warn("{} is too large to be used", file);
      return Optional.empty();
    }
    try (CheckedInputStream checked =
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file)), new CRC32C());
        DataInputStream in = new DataInputStream(checked)) {
      if (!in.readUTF().equals(FORMAT) || !areUnchanged(readEntries(in))) {
        return Optional.empty();
      }
      T found = read(in);
      long sum = checked.getChecksum().getValue();
      if (in.readLong() != sum) {
        throw new IOException("it differs from its checksum");
      }
      return Optional.of(found);
    } catch (IOException | RuntimeException e) {
      log.warn("{} is damaged and is made anew: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static List<Entry> readEntries(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(
          new Entry(in.readUTF(), in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    }
    return entries;
  }

  private boolean areUnchanged(List<Entry> entries) {
    return entries.stream().filter(Entry::isTop).map(Entry::name).toList().equals(names)
        && entries.stream().allMatch(entry -> entry.isUnchanged(folder));
  }

  private T findAndSave() {
    long now = System.currentTimeMillis();
    T found = find();
    long sure = TimeUnit.MILLISECONDS.toNanos(now - UNSURE_MILLIS);
    if (watched.stream().allMatch(entry -> entry.changed() < sure)) {
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
    try (CheckedOutputStream checked =
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file)), new CRC32C());
        DataOutputStream out = new DataOutputStream(checked)) {
      out.writeUTF(FORMAT);
      out.writeInt(watched.size());
      for (Entry entry : watched) {
        out.writeUTF(entry.name());
        out.writeLong(entry.inode());
        out.writeLong(entry.size());
        out.writeLong(entry.changed());
        out.writeLong(entry.modified());
      }
      write(found, out);
      out.writeLong(checked.getChecksum().getValue());
    }
  }
}
