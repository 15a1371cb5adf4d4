package org.kerneldna.zoo.model;

/** A model file that is refused; the message, one line, names the file, why, and the remedy. */
public class ModelFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 200;

  ModelFileException(String message) {
    super(message);
  }

  ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Words out of a file: shortened, and without what would break the line. */
  static String quote(String words) {
    String start = words.length() > LONGEST_NAME ? words.substring(0, LONGEST_NAME) + "..." : words;
    return '"' + start.replaceAll("\\p{C}", "?") + '"';
  }
}
