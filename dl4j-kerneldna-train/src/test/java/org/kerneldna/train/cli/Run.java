package org.kerneldna.train.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a run of the command line printed and returned. */
record Run(int exitCode, String out, String err) {

  static Run of(String... args) {
    return of(KernelDNA.commandLine(), args);
  }

  static Run of(CommandLine command, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = command.execute(args);
    return new Run(exitCode, out.toString(), err.toString());
  }
}
