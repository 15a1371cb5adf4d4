package org.kerneldna.train.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The formats of images that are decoded, what their files are called and how they begin. */
enum ImageFormat {
  JPEG(Set.of("jpg", "jpeg"), "\u00ff\u00d8\u00ff"),
  PNG(Set.of("png"), "\u0089PNG\r\n\u001a\n"),
  GIF(Set.of("gif"), "GIF87a", "GIF89a"),
  BMP(Set.of("bmp"), "BM"),
  TIFF(Set.of("tif", "tiff"), "II*\0", "MM\0*"),
  WEBP(Set.of("webp"), "RIFF????WEBP"),
  PNM(Set.of("pnm", "pbm", "pgm", "ppm"), "P1", "P2", "P3", "P4", "P5", "P6");

  private static final byte ANY = '?';

  private final Set<String> extensions;
  private final List<byte[]> beginnings;

  ImageFormat(Set<String> extensions, String... beginnings) {
    this.extensions = extensions;
    this.beginnings =
        Arrays.stream(beginnings).map(b -> b.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }

  /** The format of a file's bytes; what the file is called does not matter. */
  static Optional<ImageFormat> of(byte[] file) {
    return Arrays.stream(values())
        .filter(format -> format.beginnings.stream().anyMatch(bytes -> beginsWith(file, bytes)))
        .findFirst();
  }

  private static boolean beginsWith(byte[] file, byte[] beginning) {
    for (int i = 0; i < beginning.length; i++) {
      if (i >= file.length || beginning[i] != ANY && beginning[i] != file[i]) {
        return false;
      }
    }
    return true;
  }

  /** What the names of all formats' files end with. */
  static Set<String> extensions() {
    return Arrays.stream(values())
        .flatMap(format -> format.extensions.stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** All formats, for messages: "A, B or C". */
  static String names() {
    String names = Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    int last = names.lastIndexOf(", ");
    return names.substring(0, last) + " or " + names.substring(last + 2);
  }
}
