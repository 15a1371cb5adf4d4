package org.kerneldna.train.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/**
 * The images that come with this module: 2,500 of Fashion-MNIST's (Zalando SE, MIT licence), 28x28
 * grey, ten classes, 200 a class for training and 50 for validation.
 */
@UtilityClass
public class FashionMini {

  private static final String ZIP = "/org/kerneldna/train/fashion-mini.zip";

  /**
   * Unpacks the images as {@code train/<class>/*} and {@code val/<class>/*}.
   *
   * @param folder is created; files of the same name in it are replaced
   * @throws InputException if the folder cannot be written
   */
  public void unpack(Path folder) {
    try (ZipInputStream zip = new ZipInputStream(FashionMini.class.getResourceAsStream(ZIP))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        write(zip, folder.resolve(entry.getName()));
      }
    } catch (IOException e) {
      throw new InputException("the images cannot be unpacked into " + folder + ": " + e, e);
    }
  }

  private void write(InputStream content, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content.readAllBytes());
  }
}
