package org.kerneldna.train.data;

import java.io.IOException;
import java.util.concurrent.Callable;
import lombok.experimental.UtilityClass;
import lombok.extern.slf4j.Slf4j;

/** Work on one image of many. Whatever goes wrong is a matter of this image alone. */
@Slf4j
@UtilityClass
class OneImage {

  /**
   * Does the work.
   *
   * @throws IOException for whatever the work throws; the message says why, in one line. The log
   *     has the cause of what should not happen
   */
  <T> T use(Callable<T> work) throws IOException {
    try {
      return work.call();
    } catch (IOException e) {
      throw e;
    } catch (OutOfMemoryError e) {
      throw new BadImageException("it needs more memory than there is", e);
    } catch (Exception | Error e) {
      log.warn("an image could not be used", e);
      throw new BadImageException("it could not be used: " + e, e);
    }
  }
}
