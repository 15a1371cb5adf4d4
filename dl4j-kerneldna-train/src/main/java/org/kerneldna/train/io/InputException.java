package org.kerneldna.train.io;

/**
 * What the user gave cannot be used. The message is one line that names the file or value and says
 * what to do; programs print it alone, without a stack trace.
 */
public final class InputException extends RuntimeException {

  /**
   * @param message one line: the file or value, what is wrong with it, the remedy
   */
  public InputException(String message) {
    super(message);
  }

  /**
   * @param message one line: the file or value, what is wrong with it, the remedy
   * @param cause what was caught, for {@code --verbose}
   */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
