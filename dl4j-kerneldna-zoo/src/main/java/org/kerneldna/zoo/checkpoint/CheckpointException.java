package org.kerneldna.zoo.checkpoint;

/** A file that cannot be read as a checkpoint; the message, one line, says where and why. */
public class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 200;

  CheckpointException(String message) {
    super(message);
  }

  CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The same, said of a part of {@code whole}. */
  CheckpointException in(String whole) {
    return new CheckpointException(whole + ": " + getMessage(), this);
  }

  /** A name out of a file, in quotes: shortened, and without what would break the line. */
  static String quote(Object name) {
    String text = String.valueOf(name);
    String start = text.length() > LONGEST_NAME ? text.substring(0, LONGEST_NAME) + "..." : text;
    return '"' + start.replaceAll("\\p{C}", "?") + '"';
  }
}
