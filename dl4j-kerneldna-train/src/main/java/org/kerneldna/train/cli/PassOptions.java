package org.kerneldna.train.cli;

import picocli.CommandLine.Option;

/** How a pass over images is shown. */
final class PassOptions {

  @Option(
      names = {"-p", "--print-freq"},
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Batches from one progress line to the next where there is no terminal; 0: no lines.")
  private int printFrequency;

  int printFrequency() {
    return printFrequency;
  }
}
