package org.kerneldna.train.data;

import java.util.Iterator;

/** One pass over images, whose files are read in the meantime or later. For one thread. */
public interface ImageStream extends Iterator<ImageFile>, AutoCloseable {

  /** Leaves out images, or all that are left if they are fewer. */
  default void skip(long images) {
    for (long i = 0; i < images && hasNext(); i++) {
      next();
    }
  }

  @Override
  default void close() {}
}
