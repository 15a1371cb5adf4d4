package org.kerneldna.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.io.InputException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options that together make sense. */
@UtilityClass
class Usable {

  /**
   * Makes sure that what is read is not overwritten by what is written.
   *
   * @param option that names what is written
   * @throws InputException if they are the same file
   */
  void requireOther(String option, Path out, Path in) {
    try {
      if (Files.exists(out) && Files.isSameFile(out, in)) {
        throw new InputException(
            "%s is what is read, and would be lost: give another %s".formatted(out, option));
      }
    } catch (IOException e) {
      // The file to read is missing, which shows when it is read.
    }
  }

  /**
   * What the options give.
   *
   * @throws ParameterException where that throws {@link IllegalArgumentException}
   */
  <T> T options(CommandSpec spec, Supplier<T> options) {
    try {
      return options.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
