package org.kerneldna.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.kerneldna.train.demo.FashionMini;

/** A few of the bundled images: three classes, 8 a class for training and 4 for validation. */
public final class FewImages {

  private FewImages() {}

  /** Unpacks them, and gives their folder. */
  public static Path in(Path folder) throws IOException {
    Path all = folder.resolve("all");
    Path few = folder.resolve("few");
    FashionMini.unpack(all);
    for (String part : List.of("train", "val")) {
      for (Path label : list(all.resolve(part)).subList(0, 3)) {
        for (Path image : list(label).subList(0, part.equals("train") ? 8 : 4)) {
          Path copy = few.resolve(all.relativize(image));
          Files.createDirectories(copy.getParent());
          Files.copy(image, copy);
        }
      }
    }
    return few;
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
