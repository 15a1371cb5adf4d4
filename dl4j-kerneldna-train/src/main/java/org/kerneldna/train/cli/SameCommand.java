package org.kerneldna.train.cli;

import static java.util.stream.Collectors.joining;

import java.util.Set;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** A command as a user can give it to a shell again. */
@UtilityClass
class SameCommand {

  /**
   * The command with its options, but for some.
   *
   * @param without the longest names of those that are left out
   */
  String of(ParseResult given, Set<String> without) {
    Stream<String> options =
        given.matchedOptions().stream()
            .filter(option -> !without.contains(option.longestName()))
            .flatMap(SameCommand::words);
    return Stream.concat(Stream.of(given.commandSpec().qualifiedName()), options)
        .collect(joining(" "));
  }

  private Stream<String> words(OptionSpec option) {
    String name = option.longestName();
    if (option.arity().max() == 0) {
      boolean negated = Boolean.FALSE.equals(option.getValue());
      return Stream.of(negated ? name.replaceFirst("--", "--no-") : name);
    }
    return option.originalStringValues().stream().map(value -> name + "=" + quoted(value));
  }

  /** A word for a shell of Unix. */
  String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
