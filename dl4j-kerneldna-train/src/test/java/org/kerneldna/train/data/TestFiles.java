package org.kerneldna.train.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;

/** Files for tests. */
@UtilityClass
class TestFiles {

  /** Makes a folder and all in it look as if they had not changed for an hour. */
  void age(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : (List<Path>) entries.toList()) {
        Files.setLastModifiedTime(
            entry, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
      }
    }
  }
}
