package org.kerneldna.train.data;

import lombok.experimental.UtilityClass;
import lombok.extern.slf4j.Slf4j;
import org.bytedeco.javacpp.Loader;

/** Libraries that are not written in Java. */
@Slf4j
@UtilityClass
class Natives {

  /** Whether a library can be used; if not, the log says that images are decoded slowly. */
  boolean load(Class<?> library) {
    try {
      Loader.load(library);
      return true;
    } catch (LinkageError e) {
      log.warn("images are decoded in Java, which is slow: {}", e.getMessage());
      return false;
    }
  }
}
