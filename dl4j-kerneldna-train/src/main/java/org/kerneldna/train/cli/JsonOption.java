package org.kerneldna.train.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.kerneldna.train.io.AtomicFile;
import org.kerneldna.train.io.Json;
import picocli.CommandLine.Option;

/** A file for the figures that a command reports. */
public final class JsonOption {

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the figures to this file, too.")
  private Path file;

  /** Writes the report if a file was asked for. */
  public void write(Object report) {
    if (file != null) {
      AtomicFile.write(file, temporary -> Files.writeString(temporary, Json.toJson(report)));
    }
  }
}
