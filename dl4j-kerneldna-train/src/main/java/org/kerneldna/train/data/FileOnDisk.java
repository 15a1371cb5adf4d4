package org.kerneldna.train.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** An image in a file of its own. */
record FileOnDisk(Path path, int label) implements ImageFile {

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public byte[] read() throws IOException {
    try {
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new IOException("the file is missing", e);
    } catch (OutOfMemoryError e) {
      throw new IOException("the file needs more memory than there is", e);
    }
  }
}
