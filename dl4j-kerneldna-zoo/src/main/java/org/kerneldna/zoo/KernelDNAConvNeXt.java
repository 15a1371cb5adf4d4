package org.kerneldna.zoo;

import lombok.Builder;
import lombok.Getter;
import lombok.experimental.SuperBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;

/**
 * ConvNeXt-Tiny with KernelDNA (arXiv 2503.23379): in the third and fourth stage of {@link
 * ConvNeXt} every block but the first is one of a pair, of which the first derives both pointwise
 * kernels from the second's. Each stage keeps its first block, whose input the downsampling has
 * changed; each child has a parent of its own, the least sharing that takes a quarter off the
 * parameters. The tensors that a block has in common with the static network have the same names.
 *
 * <pre>
 * {@code ComputationGraph graph = KernelDNAConvNeXt.builder().numClasses(10).build().init();}
 * </pre>
 */
@Getter
@SuperBuilder
public final class KernelDNAConvNeXt extends ZooNetwork {

  /** Where the factors of the blocks' branches start. Default: 1e-6. */
  @Builder.Default private final double layerScale = 1e-6;

  /** A builder with the defaults, and stochastic depth of 0.1. */
  public static KernelDNAConvNeXtBuilder<?, ?> builder() {
    return new KernelDNAConvNeXtBuilderImpl().stochasticDepth(0.1);
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
    x = blocks.pairedStage(features.in("5"), x, 4);
    x = ConvNeXtBlocks.downsample(features.in("6"), x, channels(768));
    x = blocks.pairedStage(features.in("7"), x, 1);
    return ConvNeXtBlocks.head(m, x, getNumClasses());
  }

  @Override
  IWeightInit weightInit() {
    return ConvNeXtBlocks.weightInit();
  }
}
