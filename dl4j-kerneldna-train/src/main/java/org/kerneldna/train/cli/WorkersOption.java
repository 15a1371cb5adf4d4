package org.kerneldna.train.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How many threads decode images. */
final class WorkersOption {

  @Option(
      names = {"-j", "--workers"},
      paramLabel = "N",
      converter = Numbers.Positive.class,
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description =
          "Threads that decode images; results do not depend on it. Default: one a processor.")
  private int workers = Runtime.getRuntime().availableProcessors();

  int count() {
    return workers;
  }
}
