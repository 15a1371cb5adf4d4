package org.kerneldna.train.data;

import java.io.IOException;

/** A file that should hold an image. */
public interface ImageFile {

  /** What to call it in messages. */
  String name();

  /** Index of its class; it has one if {@link #read} succeeds. */
  int label();

  /**
   * The file's bytes. May be called by any thread.
   *
   * @throws IOException if it cannot be read; the message says why
   */
  byte[] read() throws IOException;
}
