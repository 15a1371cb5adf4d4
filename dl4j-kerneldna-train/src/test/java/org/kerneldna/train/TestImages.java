package org.kerneldna.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.demo.FashionMini;

/** Folders of real images, small enough for tests. */
@UtilityClass
public class TestImages {

  /**
   * A part of the bundled images: the first files of every class, in {@code train} and {@code val}
   * each.
   */
  public Path unpack(Path folder, int imagesPerClass) throws IOException {
    FashionMini.unpack(folder);
    for (String part : List.of("train", "val")) {
      for (Path images : list(folder.resolve(part))) {
        for (Path surplus : list(images).stream().skip(imagesPerClass).toList()) {
          Files.delete(surplus);
        }
      }
    }
    return folder;
  }

  /** What a folder holds, sorted. */
  public List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /** The bytes of a test resource beside a class. */
  public byte[] resource(Class<?> beside, String name) throws IOException {
    try (var in = beside.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
