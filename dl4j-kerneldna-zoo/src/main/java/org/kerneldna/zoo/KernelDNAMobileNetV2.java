package org.kerneldna.zoo;

import lombok.Builder;
import lombok.Getter;
import lombok.experimental.SuperBuilder;

/**
 * MobileNetV2 with KernelDNA (arXiv 2503.23379): four stages of {@link MobileNetV2} are clusters,
 * in which inverted residuals derive their pointwise kernels from those of the last.
 *
 * <pre>
 * {@code ComputationGraph graph = KernelDNAMobileNetV2.builder().numClasses(10).build().init();}
 * </pre>
 */
@Getter
@SuperBuilder
public final class KernelDNAMobileNetV2 extends ZooNetwork {

  /** Probability of dropping an input of the classifier. Default: 0. */
  @Builder.Default private final double dropout = 0;

  @Override
  Features modules(Modules m, Features images) {
    Modules features = m.in("features");
    Features x = MobileNetV2Blocks.stem(features, images, channels(32), isSmallStem());
    x = MobileNetV2Blocks.unexpanded(features.in("1"), x, channels(16));
    x = MobileNetV2Blocks.stage(features, 2, x, channels(24), 2, 2);
    x = MobileNetV2Blocks.cluster(features.in("6"), x, channels(32), 2, 1);
    x = MobileNetV2Blocks.cluster(features.in("10"), x, channels(64), 2, 2);
    x = MobileNetV2Blocks.cluster(features.in("13"), x, channels(96), 1, 1);
    x = MobileNetV2Blocks.cluster(features.in("16"), x, channels(160), 2, 1);
    x = MobileNetV2Blocks.stage(features, 17, x, channels(320), 1, 1);
    return MobileNetV2Blocks.head(m, x, channels(1280), dropout, getNumClasses());
  }
}
