package org.kerneldna.zoo;

import java.util.Arrays;
import java.util.function.Supplier;
import org.kerneldna.zoo.ZooNetwork.ZooNetworkBuilder;

/**
 * The networks of the zoo, each static and with KernelDNA, under the names that PyTorch's
 * torchvision and the paper's code (arXiv 2503.23379) have for them. What works on all goes by this
 * list.
 */
public enum Architecture {
  RESNET18("resnet18", 1, ResNet18::builder, KernelDNAResNet18::builder),
  RESNET50("resnet50", 1, ResNet50::builder, KernelDNAResNet50::builder),
  MOBILENET_V2("mobilenet_v2", 1, MobileNetV2::builder, KernelDNAMobileNetV2::builder),
  MOBILENET_V2_1D2("mobilenet_v2_1d2", 0.5, MobileNetV2::builder, KernelDNAMobileNetV2::builder),
  CONVNEXT_TINY("convnext_tiny", 1, ConvNeXt::builder, KernelDNAConvNeXt::builder);

  private final String name;
  private final double width;
  private final Supplier<ZooNetworkBuilder<?, ?>> plain;
  private final Supplier<ZooNetworkBuilder<?, ?>> kernelDna;

  Architecture(
      String name,
      double width,
      Supplier<ZooNetworkBuilder<?, ?>> plain,
      Supplier<ZooNetworkBuilder<?, ?>> kernelDna) {
    this.name = name;
    this.width = width;
    this.plain = plain;
    this.kernelDna = kernelDna;
  }

  /**
   * The architecture called {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Architecture named(String name) {
    return Arrays.stream(values())
        .filter(architecture -> architecture.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown architecture \"" + name + "\"; known: " + Arrays.toString(values())));
  }

  /**
   * A new builder of the network, with its width set.
   *
   * @param customize with KernelDNA; false is the static network
   */
  public ZooNetworkBuilder<?, ?> builder(boolean customize) {
    return (customize ? kernelDna : plain).get().width(width);
  }

  /** The factor of all channel counts that belongs to the name: 0.5 for 1d2, else 1. */
  public double width() {
    return width;
  }

  /** The name, for example {@code resnet18}. */
  @Override
  public String toString() {
    return name;
  }
}
