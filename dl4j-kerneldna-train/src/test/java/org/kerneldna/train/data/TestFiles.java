package org.kerneldna.train.data;

import java.util.concurrent.TimeUnit;
import lombok.experimental.UtilityClass;

/** Files for tests. */
@UtilityClass
class TestFiles {

  /** Waits until all files there are have not changed for so long that listings are kept. */
  void age() {
    try {
      TimeUnit.MILLISECONDS.sleep(2_100);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
