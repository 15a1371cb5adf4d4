package org.kerneldna.zoo;

import lombok.Builder;
import lombok.Getter;
import lombok.experimental.SuperBuilder;

/**
 * MobileNetV2 (arXiv 1801.04381), as torchvision has it: seventeen inverted residuals. A width of
 * 0.5 gives the reference's {@code mobilenet_v2_1d2}. Its twin with KernelDNA is {@link
 * KernelDNAMobileNetV2}.
 *
 * <pre>{@code ComputationGraph graph = MobileNetV2.builder().numClasses(10).build().init();}</pre>
 */
@Getter
@SuperBuilder
public final class MobileNetV2 extends ZooNetwork {

  /** Probability of dropping an input of the classifier. Default: 0. */
  @Builder.Default private final double dropout = 0;

  @Override
  Features modules(Modules m, Features images) {
    Modules features = m.in("features");
    Features x = MobileNetV2Blocks.stem(features, images, channels(32), isSmallStem());
    x = MobileNetV2Blocks.unexpanded(features.in("1"), x, channels(16));
    x = MobileNetV2Blocks.stage(features, 2, x, channels(24), 2, 2);
    x = MobileNetV2Blocks.stage(features, 4, x, channels(32), 2, 3);
    x = MobileNetV2Blocks.stage(features, 7, x, channels(64), 2, 4);
    x = MobileNetV2Blocks.stage(features, 11, x, channels(96), 1, 3);
    x = MobileNetV2Blocks.stage(features, 14, x, channels(160), 2, 3);
    x = MobileNetV2Blocks.stage(features, 17, x, channels(320), 1, 1);
    return MobileNetV2Blocks.head(m, x, channels(1280), dropout, getNumClasses());
  }
}
