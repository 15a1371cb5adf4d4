package org.kerneldna.train.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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

  /** Whole numbers from 1. */
  static final class Positive implements ITypeConverter<Integer> {

    @Override
    public Integer convert(String text) {
      if (!text.matches("0*[1-9][0-9]{0,8}")) {
        throw new TypeConversionException("'" + text + "' is not a whole number of at least 1");
      }
      return Integer.valueOf(text);
    }
  }
}
