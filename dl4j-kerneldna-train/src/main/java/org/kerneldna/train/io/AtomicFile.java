package org.kerneldna.train.io;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import lombok.experimental.UtilityClass;

/**
 * Files that are complete or not there: written under a temporary name beside the target, then
 * moved.
 */
@UtilityClass
public class AtomicFile {

  /** Writes a whole file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Path file) throws IOException;
  }

  /**
   * Makes sure that files can be written into a folder, before long work for them.
   *
   * @param folder is created where it is missing
   * @throws InputException if they cannot
   */
  public void requireWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "writable", null));
    } catch (IOException e) {
      throw new InputException(folder + " cannot be written into: " + e, e);
    }
  }

  /**
   * Writes a file, and its folders where they are missing.
   *
   * @param target is replaced if it exists; stays as it is if writing fails
   * @throws InputException if the file cannot be written
   */
  public void write(Path target, Content content) {
    Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      content.writeTo(temporary);
      toDisk(temporary);
      Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (IOException e) {
      throw new InputException(
          target + " cannot be written, its folder needs room and permission: " + e, e);
    } finally {
      temporary.toFile().delete();
    }
  }

  /** Else a machine that loses power may have moved what it has not written. */
  private void toDisk(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
