package org.kerneldna.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The bytes of the storages in a file. */
@FunctionalInterface
interface Storages {

  /** All bytes of a storage, up to the buffer's limit, or nothing if the file has no such one. */
  Optional<ByteBuffer> find(String key) throws IOException;
}
