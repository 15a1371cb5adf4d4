package org.kerneldna.train.cli;

import java.util.Locale;
import lombok.experimental.UtilityClass;
import org.slf4j.LoggerFactory;

/** What the programs make of the process that they run in. */
@UtilityClass
public class Surroundings {

  /**
   * To be called first. Figures are written in English, as all words are, whatever the user's
   * language: other programs read them, too. Pictures need no screen. A character set in which not
   * every file can be named is said.
   */
  public void prepare() {
    System.setProperty("java.awt.headless", "true");
    Locale.setDefault(Locale.ROOT);
    String charset = System.getProperty("sun.jnu.encoding");
    if ("ANSI_X3.4-1968".equals(charset)) {
      // Not before the language is set, which the log's times are written in.
      LoggerFactory.getLogger(Surroundings.class)
          .warn("files with other letters than ASCII's cannot be found: set LC_ALL=C.UTF-8");
    }
  }
}
