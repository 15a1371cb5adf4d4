package org.kerneldna.train.cli;

import java.util.Locale;
import lombok.experimental.UtilityClass;
import org.slf4j.LoggerFactory;

/** Settings of the Java process, which must not depend on where or for whom it runs. */
@UtilityClass
public class Surroundings {

  /**
   * Prepares the process; every {@code main} calls it first. Numbers are then written as in
   * English, whatever the user's language, since other programs read them. Pictures need no screen.
   * Where the character set is ASCII, a warning says that files with other letters are not found.
   */
  public void prepare() {
    System.setProperty("java.awt.headless", "true");
    Locale.setDefault(Locale.ROOT);
    String charset = System.getProperty("sun.jnu.encoding");
    if ("ANSI_X3.4-1968".equals(charset)) {
      // The log writes times in the language of its start, so the language is set before.
      LoggerFactory.getLogger(Surroundings.class)
          .warn("files whose names have letters beyond ASCII cannot be found: set LC_ALL=C.UTF-8");
    }
  }
}
