package org.kerneldna.torch;

/** Text out of a file that nobody vouches for, as part of a message of one line. */
public final class OneLine {

  private static final int LONGEST_NAME = 200;

  private OneLine() {}

  /**
   * Shortens a text, and replaces by {@code ?} what would break the line or hide a part of it.
   *
   * @param longest how many characters of the text are kept
   */
  public static String of(String text, int longest) {
    String start = text.length() > longest ? text.substring(0, longest) + "..." : text;
    return start.replaceAll("\\p{C}", "?");
  }

  /** A name in double quotes, of which 200 characters are kept. */
  public static String quote(Object name) {
    return '"' + of(String.valueOf(name), LONGEST_NAME) + '"';
  }
}
