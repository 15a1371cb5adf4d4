package org.kerneldna.zoo.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of an entry. */
final class Checksum {

  private static final int DIGITS = 64;
  private static final String SEPARATOR = "  ";

  private final MessageDigest digest = sha256();

  /** Sums by name, of lines as {@code sha256sum} writes them; of two lines of a name the last. */
  static Map<String, String> parse(String lines) {
    Map<String, String> sums = new TreeMap<>();
    for (String line : lines.lines().toList()) {
      if (!line.matches("[0-9a-f]{" + DIGITS + "}" + SEPARATOR + ".+")) {
        throw new IllegalArgumentException("not a line of checksums: " + line);
      }
      sums.put(line.substring(DIGITS + SEPARATOR.length()), line.substring(0, DIGITS));
    }
    return sums;
  }

  void update(byte[] bytes, int count) {
    digest.update(bytes, 0, count);
  }

  /** In hexadecimal digits. */
  String value() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }
}
