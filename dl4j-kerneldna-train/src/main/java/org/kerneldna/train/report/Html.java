package org.kerneldna.train.report;

import lombok.experimental.UtilityClass;

/** Text in HTML. */
@UtilityClass
class Html {

  /** The text so that a browser shows it as it is. */
  String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
