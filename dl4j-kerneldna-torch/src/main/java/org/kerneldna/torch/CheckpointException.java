package org.kerneldna.torch;

/**
 * A file that cannot be read as a checkpoint, or holds another network than the one that was asked
 * for; the message, one line, names the file and the tensor, and says why.
 */
public class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

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
}
