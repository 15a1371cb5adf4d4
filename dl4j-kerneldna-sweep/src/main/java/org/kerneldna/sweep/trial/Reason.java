package org.kerneldna.sweep.trial;

import java.util.Objects;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;

/** Why a candidate failed, in one line. */
@UtilityClass
public class Reason {

  /** The first line of what {@code e} says; its type where that is needed to understand it. */
  public String of(Throwable e) {
    String message = Objects.requireNonNullElse(e.getMessage(), "").strip();
    // ND4J wraps what its C++ throws without a type of its own.
    if (e instanceof OutOfMemoryError || message.contains("bad_alloc")) {
      return "out of memory";
    }
    String line = message.lines().findFirst().orElse("");
    return e instanceof InputException || e instanceof IllegalArgumentException
        ? line
        : e.getClass().getSimpleName() + (line.isEmpty() ? "" : ": " + line);
  }
}
