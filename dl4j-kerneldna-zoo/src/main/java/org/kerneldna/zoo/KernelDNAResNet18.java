package org.kerneldna.zoo;

import lombok.experimental.SuperBuilder;

/**
 * ResNet-18 with KernelDNA (arXiv 2503.23379): the last two stages of {@link ResNet18} are
 * clusters, in which every second convolution derives its kernel from that of another.
 *
 * <pre>{@code ComputationGraph graph = KernelDNAResNet18.builder().numClasses(10).build().init();}
 * </pre>
 */
@SuperBuilder
public final class KernelDNAResNet18 extends ZooNetwork {

  @Override
  Features modules(Modules m, Features images) {
    Features x = ResNetBlocks.stem(m, images, channels(64), isSmallStem());
    x = ResNetBlocks.basicStage(m.in("layer1"), x, channels(64), 1);
    x = ResNetBlocks.basicStage(m.in("layer2"), x, channels(128), 2);
    x = ResNetBlocks.basicCluster(m.in("layer3"), x, channels(256), 2);
    x = ResNetBlocks.basicCluster(m.in("layer4"), x, channels(512), 2);
    return m.linear("fc", m.globalAveragePool("avgpool", x), getNumClasses());
  }
}
