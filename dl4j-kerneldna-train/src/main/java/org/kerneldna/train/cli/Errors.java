package org.kerneldna.train.cli;

import lombok.experimental.UtilityClass;
import org.deeplearning4j.util.CrashReportingUtil;
import org.kerneldna.train.io.InputException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Errors as one line each. */
@UtilityClass
class Errors {

  /** Runs the command; running out of memory is a matter of its options. */
  int withMemoryInMind(ParseResult parsed) {
    CrashReportingUtil.crashDumpsEnabled(false);
    try {
      return new RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      throw outOfMemory(parsed, e);
    } catch (ExecutionException e) {
      throw isNativeMemory(e.getCause()) ? outOfMemory(parsed, e) : e;
    }
  }

  /** ND4J wraps what its C++ throws without a type of its own. */
  private boolean isNativeMemory(Throwable e) {
    return e instanceof RuntimeException && String.valueOf(e.getMessage()).contains("bad_alloc");
  }

  private ExecutionException outOfMemory(ParseResult parsed, Throwable e) {
    CommandLine command = parsed.subcommand().commandSpec().commandLine();
    String remedy =
        "out of memory: give a smaller --batch-size, --image-size or --images, or Java more memory";
    return new ExecutionException(command, remedy, new InputException(remedy, e));
  }

  int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().printf("%s: %s%nSee '%s --help'.%n", name, firstLine(e), name);
    return CommandLine.ExitCode.USAGE;
  }

  int failed(Exception e, CommandLine command, boolean verbose) {
    String name = command.getCommandSpec().qualifiedName();
    String message =
        e instanceof InputException ? firstLine(e) : "failed: " + e + " (--verbose tells more)";
    command.getErr().printf("%s: %s%n", name, message);
    if (verbose) {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
