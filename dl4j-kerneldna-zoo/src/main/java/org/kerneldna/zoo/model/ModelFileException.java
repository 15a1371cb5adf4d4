package org.kerneldna.zoo.model;

/** A model file that is refused; the message, one line, names the file, why, and the remedy. */
public class ModelFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ModelFileException(String message) {
    super(message);
  }

  ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
