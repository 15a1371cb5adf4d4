package org.kerneldna.train.data;

import java.io.IOException;

/** The bytes are no image, or a broken one. The message says why, without the file's name. */
public final class BadImageException extends IOException {

  BadImageException(String reason) {
    super(reason);
  }

  BadImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
