package org.kerneldna.inference.onednn;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;

/**
 * Native objects with one owner: they live until this is closed, whatever scopes of JavaCPP's are
 * open around their making.
 */
final class Natives implements AutoCloseable {

  private PointerScope scope;

  /** Owns all native objects that {@code making} makes; to be called once. */
  <T> T own(Supplier<T> making) {
    try (PointerScope all = new PointerScope()) {
      scope = all;
      T made = making.get();
      // Closing takes an extended scope off the thread's stack, and releases nothing.
      all.extend();
      return made;
    }
  }

  /** Releases them all. */
  @Override
  public void close() {
    if (scope != null) {
      scope.close();
    }
  }
}
