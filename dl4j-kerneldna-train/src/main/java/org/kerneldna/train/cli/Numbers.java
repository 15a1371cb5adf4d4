package org.kerneldna.train.cli;

import lombok.experimental.UtilityClass;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The numbers that options take. An {@code int} or a {@code double} is a finite number from 0 on
 * unless an option names another converter of these.
 */
@UtilityClass
class Numbers {

  private static final String WHOLE = "[0-9]{1,9}";
  private static final String REAL = "([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,9})?";
  private static final int LAST_PORT = 65_535;

  /** Makes that the rule for all commands of {@code line}. */
  void in(CommandLine line) {
    line.registerConverter(int.class, Numbers::whole)
        .registerConverter(Integer.class, Numbers::whole)
        .registerConverter(double.class, Numbers::real)
        .registerConverter(Double.class, Numbers::real);
  }

  private int whole(String text) {
    require(text.matches(WHOLE), text, "a whole number from 0 to 999999999");
    return Integer.parseInt(text);
  }

  private double real(String text) {
    boolean usable = text.matches(REAL) && Double.isFinite(Double.parseDouble(text));
    require(usable, text, "a number of at least 0");
    return Double.parseDouble(text);
  }

  private void require(boolean usable, String text, String what) {
    if (!usable) {
      throw new TypeConversionException("'%s' is not %s".formatted(text, what));
    }
  }

  /** Whole numbers from 1. */
  static final class Positive implements ITypeConverter<Integer> {

    @Override
    public Integer convert(String text) {
      require(text.matches(WHOLE) && whole(text) > 0, text, "a whole number of at least 1");
      return whole(text);
    }
  }

  /** Numbers above 0. */
  static final class AboveZero implements ITypeConverter<Double> {

    @Override
    public Double convert(String text) {
      require(real(text) > 0, text, "a number of more than 0");
      return real(text);
    }
  }

  /** Shares, from 0 to 1. */
  static final class Share implements ITypeConverter<Double> {

    @Override
    public Double convert(String text) {
      require(real(text) <= 1, text, "a number from 0 to 1");
      return real(text);
    }
  }

  /** Ports of a server. */
  static final class Port implements ITypeConverter<Integer> {

    @Override
    public Integer convert(String text) {
      boolean usable = text.matches(WHOLE) && whole(text) > 0 && whole(text) <= LAST_PORT;
      require(usable, text, "a port, 1 to " + LAST_PORT);
      return whole(text);
    }
  }
}
