package org.kerneldna.zoo.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import lombok.RequiredArgsConstructor;
import org.kerneldna.zoo.io.Sha256;

/** An entry that is what its headers and its checksum say, before any of it is used. */
@RequiredArgsConstructor
final class ModelEntry {

  private final Path path;
  private final ZipFile zip;
  private final ZipEntry entry;
  private String sum;

  /** From now on it must have this SHA-256. */
  void expect(String sum) {
    this.sum = sum;
  }

  /** Bytes, unpacked. */
  long size() {
    return entry.getSize();
  }

  /** Requires that it has as many bytes as it claims, between these bounds, and undamaged. */
  void verify(long least, long most) throws IOException {
    if (size() < least || size() > most) {
      throw refused("has %,d bytes, and %,d to %,d are expected".formatted(size(), least, most));
    }
    CRC32 crc = new CRC32();
    Sha256 sha256 = new Sha256();
    long count = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = open()) {
      for (int n = in.read(buffer); n >= 0 && count <= size(); n = in.read(buffer)) {
        crc.update(buffer, 0, n);
        sha256.update(buffer, n);
        count += n;
      }
    }
    if (count != size() || crc.getValue() != entry.getCrc()) {
      throw refused("is not what the zip's directory says");
    }
    if (sum != null && !sum.equals(sha256.value())) {
      throw refused("differs from its checksum");
    }
  }

  InputStream open() throws IOException {
    return zip.getInputStream(entry);
  }

  private ModelFileException refused(String why) {
    return new ModelFileException(
        "%s is damaged, its %s %s: take another file".formatted(path, entry.getName(), why));
  }
}
