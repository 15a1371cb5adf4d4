package org.kerneldna.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kerneldna.train.cli.KernelDNA;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** All options of all commands that take numbers, whichever there are. */
class NumericOptionsTest {

  private static final Set<Class<?>> REALS = Set.of(double.class, Double.class, float.class);
  private static final Set<Class<?>> WHOLES =
      Set.of(int.class, Integer.class, long.class, Long.class, short.class, Short.class);

  /** Those for which a negative number means something. */
  private static final Set<String> NEGATIVE = Set.of("--seed");

  /** Those for which 0 means something. */
  private static final Set<String> ZERO =
      Set.of(
          "--seed",
          "--max-bad",
          "--print-freq",
          "--save-every",
          "--time-limit",
          "--profile",
          "--candidate",
          "--threshold",
          "--warmup-epochs",
          "--weight-decay",
          "--label-smoothing",
          "--ema-decay",
          "--clip-norm",
          "--drop-path",
          "--momentum",
          "--eta-min",
          "--patience",
          "--color-jitter",
          "--random-erasing",
          "--mixup",
          "--cutmix");

  static Stream<Arguments> numeric() {
    return all(KernelDNA.commandLine())
        .flatMap(
            command ->
                command.getCommandSpec().options().stream()
                    .filter(option -> isReal(option) || isWhole(option))
                    .map(
                        option ->
                            arguments(
                                command.getCommandSpec().qualifiedName(),
                                option.longestName(),
                                isReal(option))));
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(NumericOptionsTest::all));
  }

  private static boolean isReal(ArgSpec arg) {
    return Stream.of(arg.auxiliaryTypes()).anyMatch(REALS::contains);
  }

  private static boolean isWhole(ArgSpec arg) {
    return Stream.of(arg.auxiliaryTypes()).anyMatch(WHOLES::contains);
  }

  @Test
  void theyAreFound() {
    assertThat(numeric().map(a -> a.get()[1]))
        .contains(
            "--max-bad", "--batch-size", "--color-jitter", "--candidate", "--seed", "--width");
    assertThat(all(KernelDNA.commandLine()))
        .allMatch(
            command ->
                command.getCommandSpec().positionalParameters().stream()
                    .noneMatch(arg -> isReal(arg) || isWhole(arg)));
  }

  @ParameterizedTest
  @MethodSource("numeric")
  void whatMakesNoSenseIsRefused(String command, String option, boolean real) {
    List<String> senseless =
        new ArrayList<>(List.of("many", "1_0", "0x1", "1e999", "99999999999x"));
    if (!NEGATIVE.contains(option)) {
      senseless.addAll(List.of("-1", "-2147483648"));
    }
    if (!ZERO.contains(option)) {
      senseless.add("0");
    }
    senseless.addAll(real ? List.of("NaN", "Infinity", "-0.1", "1d") : List.of("1.5", "1e3"));
    for (String value : senseless) {
      StringWriter err = new StringWriter();
      List<String> line = new ArrayList<>(List.of(command.split(" ")));
      line.add(option + "=" + value);
      int exitCode =
          KernelDNA.commandLine()
              .setErr(new PrintWriter(err))
              .execute(line.stream().skip(1).toArray(String[]::new));
      assertThat(exitCode).as(value).isEqualTo(2);
      assertThat(err.toString().lines())
          .as(value)
          .hasSize(2)
          .first()
          .asString()
          .contains(option)
          .contains("'" + value + "' is not ");
    }
  }
}
