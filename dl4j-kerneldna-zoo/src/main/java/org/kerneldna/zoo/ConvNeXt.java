package org.kerneldna.zoo;

import lombok.Builder;
import lombok.Getter;
import lombok.experimental.SuperBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;

/**
 * ConvNeXt-Tiny (arXiv 2201.03545), as torchvision has it: four stages of 3, 3, 9 and 3 blocks. Its
 * twin with KernelDNA is {@link KernelDNAConvNeXt}.
 *
 * <pre>{@code ComputationGraph graph = ConvNeXt.builder().numClasses(10).build().init();}</pre>
 */
@Getter
@SuperBuilder
public final class ConvNeXt extends ZooNetwork {

  /** Where the factors of the blocks' branches start. Default: 1e-6. */
  @Builder.Default private final double layerScale = 1e-6;

  /** A builder with the defaults, and stochastic depth of 0.1. */
  public static ConvNeXtBuilder<?, ?> builder() {
    return new ConvNeXtBuilderImpl().stochasticDepth(0.1);
  }

  @Override
  Features modules(Modules m, Features images) {
    ConvNeXtBlocks blocks = new ConvNeXtBlocks(layerScale);
    Modules features = m.withBiases().in("features");
    Features x = ConvNeXtBlocks.stem(features.in("0"), images, channels(96), isSmallStem());
    x = blocks.stage(features.in("1"), x, 3);
    x = ConvNeXtBlocks.downsample(features.in("2"), x, channels(192));
    x = blocks.stage(features.in("3"), x, 3);
    x = ConvNeXtBlocks.downsample(features.in("4"), x, channels(384));
    x = blocks.stage(features.in("5"), x, 9);
    x = ConvNeXtBlocks.downsample(features.in("6"), x, channels(768));
    x = blocks.stage(features.in("7"), x, 3);
    return ConvNeXtBlocks.head(m, x, getNumClasses());
  }

  @Override
  IWeightInit weightInit() {
    return ConvNeXtBlocks.weightInit();
  }
}
