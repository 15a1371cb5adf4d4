package org.kerneldna.train.cli;

import java.util.function.Supplier;
import lombok.experimental.UtilityClass;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options that together make sense. */
@UtilityClass
class Usable {

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
