package org.kerneldna.train.cli;

import java.util.Optional;
import lombok.experimental.UtilityClass;
import org.nd4j.linalg.factory.Nd4jBackend.NoAvailableBackendException;

/** Failures whose cause is the machine that the program runs on, and what a user can do there. */
@UtilityClass
class MachineFault {

  /**
   * What is wrong and the remedy, as one line.
   *
   * @return nothing if the failure is no such one
   */
  Optional<String> line(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Optional<String> line = ofOne(cause);
      if (line.isPresent()) {
        return line;
      }
    }
    return Optional.empty();
  }

  private Optional<String> ofOne(Throwable cause) {
    // ND4J wraps what its C++ throws without a type of its own.
    if (cause instanceof OutOfMemoryError || firstLine(cause).contains("bad_alloc")) {
      return Optional.of(
          "out of memory: give a smaller --batch-size, --image-size or --images, or give Java more"
              + " memory");
    }
    if (cause instanceof UnsatisfiedLinkError) {
      return Optional.of(
          "a native library cannot be loaded (%s): let KERNELDNA_OPTS=".formatted(root(cause))
              + "-Dorg.bytedeco.javacpp.cachedir=DIR name a folder that has room and whose files"
              + " may be executed");
    }
    if (cause instanceof NoAvailableBackendException) {
      return Optional.of(
          "ND4J can use no processor or GPU here: a build with -Pcuda needs an NVIDIA GPU and its"
              + " driver; on any other machine, build without -Pcuda");
    }
    return Optional.empty();
  }

  /** What JavaCPP tried last says less than what went wrong first. */
  private String root(Throwable cause) {
    return cause.getCause() == null ? firstLine(cause) : root(cause.getCause());
  }

  private String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
