package org.kerneldna.zoo;

import lombok.experimental.SuperBuilder;

/**
 * ResNet-18 (arXiv 1512.03385), as torchvision has it: four stages of two basic blocks. Its twin
 * with KernelDNA is {@link KernelDNAResNet18}.
 *
 * <pre>{@code ComputationGraph graph = ResNet18.builder().numClasses(10).build().init();}</pre>
 */
@SuperBuilder
public final class ResNet18 extends ZooNetwork {

  @Override
  Features modules(Modules m, Features images) {
    Features x = ResNetBlocks.stem(m, images, channels(64), isSmallStem());
    x = ResNetBlocks.basicStage(m.in("layer1"), x, channels(64), 1);
    x = ResNetBlocks.basicStage(m.in("layer2"), x, channels(128), 2);
    x = ResNetBlocks.basicStage(m.in("layer3"), x, channels(256), 2);
    x = ResNetBlocks.basicStage(m.in("layer4"), x, channels(512), 2);
    return m.linear("fc", m.globalAveragePool("avgpool", x), getNumClasses());
  }
}
