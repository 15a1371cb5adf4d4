package org.kerneldna.train.cli;

import org.kerneldna.zoo.Architecture;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Architectures by the names of the zoo. */
final class ArchitectureConverter implements ITypeConverter<Architecture> {

  @Override
  public Architecture convert(String name) {
    try {
      return Architecture.named(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
