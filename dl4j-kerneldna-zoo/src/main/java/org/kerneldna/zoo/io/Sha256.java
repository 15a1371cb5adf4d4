package org.kerneldna.zoo.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes that come one part after another. */
public final class Sha256 {

  /** Hexadecimal digits of a checksum. */
  public static final int DIGITS = 64;

  private final MessageDigest digest = digest();

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }

  /**
   * The checksum of a file, as {@link #value} gives it.
   *
   * @throws IOException if it cannot be read
   */
  public static String of(Path file) throws IOException {
    Sha256 sha256 = new Sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sha256.update(buffer, count);
      }
    }
    return sha256.value();
  }

  /**
   * Adds the next bytes.
   *
   * @param count how many of them, from the first
   */
  public void update(byte[] bytes, int count) {
    digest.update(bytes, 0, count);
  }

  /** The checksum in {@link #DIGITS} hexadecimal digits, lower case; starts anew. */
  public String value() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
