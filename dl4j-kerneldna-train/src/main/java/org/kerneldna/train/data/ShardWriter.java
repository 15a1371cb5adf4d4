package org.kerneldna.train.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import lombok.experimental.UtilityClass;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.InputException;

/** Writes the tar files that {@link ImageShards} reads. Images are copied as they are. */
@UtilityClass
public class ShardWriter {

  /**
   * Writes {@code 000000.tar}, {@code 000001.tar}, ... and {@code classes.txt}.
   *
   * @param source tells the classes
   * @param images in the order to write them
   * @param folder is created where it is missing
   * @param shardSize images a tar file
   * @return number of tar files
   * @throws InputException if an image cannot be read, a tar file cannot be written, or there are
   *     some already
   */
  public int write(ImageSource source, ImageStream images, Path folder, int shardSize) {
    if (ImageShards.isIn(folder)) {
      throw new InputException(folder + " has tar files already: give another folder");
    }
    AtomicFile.write(
        folder.resolve(ImageShards.CLASSES), file -> Files.write(file, source.classes()));
    int shards = 0;
    for (; images.hasNext(); shards++) {
      List<ImageFile> files = new ArrayList<>();
      while (files.size() < shardSize && images.hasNext()) {
        files.add(images.next());
      }
      AtomicFile.write(
          folder.resolve(String.format(Locale.ROOT, "%06d.tar", shards)),
          file -> write(files, source.classes(), file));
    }
    return shards;
  }

  private void write(List<ImageFile> files, List<String> classes, Path shard) throws IOException {
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(
            new BufferedOutputStream(Files.newOutputStream(shard), 1 << 16), "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      Set<String> keys = new HashSet<>();
      for (ImageFile file : files) {
        byte[] image = read(file);
        String name = Path.of(file.name()).getFileName().toString();
        String key = key(classes.get(file.label()), name, keys);
        add(tar, key + "." + extension(name), image);
        add(tar, key + ".cls", Integer.toString(file.label()).getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  /** A key that no file of the shard has yet: images of one class may have one name. */
  private String key(String className, String name, Set<String> keys) {
    // A key ends with the first dot.
    String wanted = className + "/" + name.replace('.', '_');
    String key = wanted;
    for (int next = 2; !keys.add(key); next++) {
      key = wanted + "-" + next;
    }
    return key;
  }

  private byte[] read(ImageFile file) {
    try {
      return file.read();
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s: repair or remove it".formatted(file.name(), e.getMessage()), e);
    }
  }

  private void add(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private String extension(String name) {
    String extension = Folders.extension(name);
    return ImageDecoder.EXTENSIONS.contains(extension) ? extension : "jpg";
  }
}
