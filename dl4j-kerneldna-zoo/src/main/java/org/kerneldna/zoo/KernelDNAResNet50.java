package org.kerneldna.zoo;

import lombok.experimental.SuperBuilder;

/**
 * ResNet-50 with KernelDNA (arXiv 2503.23379): the last two stages of {@link ResNet50} are
 * clusters, in which bottlenecks derive their 3x3 kernel from that of another.
 *
 * <pre>{@code ComputationGraph graph = KernelDNAResNet50.builder().numClasses(10).build().init();}
 * </pre>
 */
@SuperBuilder
public final class KernelDNAResNet50 extends ZooNetwork {

  @Override
  Features modules(Modules m, Features images) {
    Features x = ResNetBlocks.stem(m, images, channels(64), isSmallStem());
    x = ResNetBlocks.bottleneckStage(m.in("layer1"), x, channels(64), 1, 3);
    x = ResNetBlocks.bottleneckStage(m.in("layer2"), x, channels(128), 2, 4);
    x = ResNetBlocks.bottleneckPairs(m.in("layer3"), x, channels(256), 3);
    x = ResNetBlocks.bottleneckFamily(m.in("layer4"), x, channels(512), 1);
    return m.linear("fc", m.globalAveragePool("avgpool", x), getNumClasses());
  }
}
