package org.kerneldna.train.io;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;

/** SHA-256 of the entries of a zip, in lines as {@code sha256sum} writes them. */
@UtilityClass
public class Checksums {

  /** A line for every entry at the top of the zip. */
  public String of(FileSystem zip) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path entry : entries(zip)) {
      lines.add(line(entry));
    }
    return lines.stream().map(line -> line + "\n").collect(joining());
  }

  private List<Path> entries(FileSystem zip) throws IOException {
    try (Stream<Path> entries = Files.list(zip.getPath("/"))) {
      return entries.sorted().toList();
    }
  }

  private String line(Path entry) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(entry), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest()) + "  " + entry.getFileName();
  }

  private MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }
}
