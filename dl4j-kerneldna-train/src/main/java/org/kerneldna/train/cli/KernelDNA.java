package org.kerneldna.train.cli;

import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code kerneldna COMMAND}. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "kerneldna",
    description = "KernelDNA convolutional networks on Deeplearning4j.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      AdaptCommand.class,
      CkaCommand.class,
      CompareCommand.class,
      MetricsCommand.class,
      BenchCommand.class,
      PipelineCommand.class,
      ShardCommand.class,
      DemoCommand.class
    },
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    scope = ScopeType.INHERIT,
    footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong usage."})
public final class KernelDNA implements Runnable {

  @Option(
      names = "--verbose",
      description = "Print the stack trace of an error.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      scope = ScopeType.INHERIT)
  private boolean verbose;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    Surroundings.prepare();
    System.exit(commandLine().execute(args));
  }

  /** The command line, with the commands of all modules that are there. */
  public static CommandLine commandLine() {
    KernelDNA root = new KernelDNA();
    CommandLine line = new CommandLine(root);
    ServiceLoader.load(AddedCommand.class).forEach(line::addSubcommand);
    Numbers.in(line);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(Errors::execute)
        .setParameterExceptionHandler(Errors::wrongUsage)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> Errors.failed(e, command, root.verbose));
  }

  /** Without a command there is nothing to do but help. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
