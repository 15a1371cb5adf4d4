package org.kerneldna.train.cli;

import org.kerneldna.layers.adapt.KernelGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A parent and its children, as {@code parent=child,child}. */
final class KernelGroupConverter implements ITypeConverter<KernelGroup> {

  @Override
  public KernelGroup convert(String text) {
    String[] parts = text.split("=", 2);
    if (parts.length < 2 || parts[0].isBlank() || parts[1].isBlank()) {
      throw new TypeConversionException("'" + text + "' is not of the form parent=child,child");
    }
    return KernelGroup.of(parts[0].strip(), parts[1].strip().split("\\s*,\\s*"));
  }
}
