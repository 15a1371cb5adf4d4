package org.kerneldna.train.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest tells. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = getClass().getPackage().getImplementationVersion();
    return new String[] {
      "kerneldna " + Objects.requireNonNullElse(version, "(not run from a jar)")
    };
  }
}
