package org.kerneldna.train.cli;

import static java.util.Objects.requireNonNullElse;

import java.util.Objects;
import java.util.stream.Stream;
import org.kerneldna.train.ModelSpec;
import org.kerneldna.zoo.Architecture;
import picocli.CommandLine.Option;

/** Which network; what is not given is null, so that a resumed checkpoint can tell it. */
final class ModelOptions {

  @Option(
      names = {"-a", "--arch"},
      paramLabel = "ARCH",
      converter = ArchitectureConverter.class,
      description = "Architecture: ${COMPLETION-CANDIDATES}. Default: resnet18.")
  private Architecture arch;

  @Option(
      names = "--customize",
      negatable = true,
      fallbackValue = "true",
      description = "Use KernelDNA. Without it, the static network.")
  private Boolean customize;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      converter = Numbers.Positive.class,
      description = "Side of the network's input. Default: 224.")
  private Integer imageSize;

  @Option(
      names = "--width",
      paramLabel = "FACTOR",
      converter = Numbers.AboveZero.class,
      description = "Factor of all channel counts. Default: 0.5 for mobilenet_v2_1d2, else 1.")
  private Double width;

  @Option(
      names = "--small-stem",
      negatable = true,
      fallbackValue = "true",
      description = "First convolution 3x3, stride 1, no pooling: for images of about 32 pixels.")
  private Boolean smallStem;

  /** Whether none of them is given. */
  boolean isEmpty() {
    return Stream.of(arch, customize, imageSize, width, smallStem).allMatch(Objects::isNull);
  }

  /** The architecture's name that is given, else {@code other}. */
  String archOr(String other) {
    return arch == null ? other : arch.toString();
  }

  /**
   * What is given, else what belongs to the architecture.
   *
   * @param arch which is meant if none is given; null if that cannot be told
   * @throws IllegalArgumentException if it is needed and cannot be told
   */
  ModelSpec orDefaults(String arch) {
    String which = archOr(arch);
    if (which == null) {
      throw new IllegalArgumentException("which architecture it is, is not known: give --arch");
    }
    return over(ModelSpec.of(which));
  }

  /** What is given, else what the defaults say. */
  ModelSpec over(ModelSpec defaults) {
    return new ModelSpec(
        arch == null ? defaults.arch() : arch.toString(),
        requireNonNullElse(customize, defaults.customize()),
        requireNonNullElse(imageSize, defaults.imageSize()),
        requireNonNullElse(width, defaults.width()),
        requireNonNullElse(smallStem, defaults.smallStem()),
        defaults.adapted());
  }
}
