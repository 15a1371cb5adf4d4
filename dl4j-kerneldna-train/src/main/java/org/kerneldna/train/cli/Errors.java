package org.kerneldna.train.cli;

import lombok.experimental.UtilityClass;
import org.deeplearning4j.util.CrashReportingUtil;
import org.kerneldna.torch.OneLine;
import org.kerneldna.train.io.InputException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Errors as one line each. */
@UtilityClass
class Errors {

  /** Runs the command. Java's errors, such as a library that cannot be loaded, fail it as well. */
  int execute(ParseResult parsed) {
    CrashReportingUtil.crashDumpsEnabled(false);
    try {
      return new RunLast().execute(parsed);
    } catch (Error e) {
      CommandLine command = parsed.subcommand().commandSpec().commandLine();
      throw new ExecutionException(command, e.toString(), e);
    }
  }

  int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().printf("%s: %s%nSee '%s --help'.%n", name, firstLine(e), name);
    return CommandLine.ExitCode.USAGE;
  }

  int failed(Exception e, CommandLine command, boolean verbose) {
    String name = command.getCommandSpec().qualifiedName();
    Throwable failure = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    command.getErr().printf("%s: %s%n", name, line(failure));
    if (verbose) {
      failure.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private String line(Throwable failure) {
    // A name in it may have line breaks, after which the remedy stands.
    return failure instanceof InputException
        ? OneLine.of(failure.getMessage(), Integer.MAX_VALUE)
        : MachineFault.line(failure).orElse("failed: " + failure + " (--verbose tells more)");
  }

  private String firstLine(Throwable e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
