package org.kerneldna.train.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lombok.experimental.UtilityClass;

/** The command line in a process of its own, with the class path of the tests. */
@UtilityClass
class KernelDNAProcess {

  /**
   * A process to start.
   *
   * @param options of Java
   * @param arguments of the command line
   */
  ProcessBuilder of(List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=logback.xml"));
    command.addAll(options);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(KernelDNA.class.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
