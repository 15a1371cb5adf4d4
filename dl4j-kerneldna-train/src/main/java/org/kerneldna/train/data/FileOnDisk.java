package org.kerneldna.train.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image in a file of its own. */
record FileOnDisk(Path path, int label) implements ImageFile {

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public byte[] read() throws IOException {
    // A pipe or a device may have no end.
    if (!Files.isRegularFile(path)) {
      throw new IOException(
          Files.exists(path)
              ? "it is a folder, pipe or device, and no file"
              : "the file is missing");
    }
    try {
      return Files.readAllBytes(path);
    } catch (OutOfMemoryError e) {
      throw new IOException("the file needs more memory than there is", e);
    }
  }
}
