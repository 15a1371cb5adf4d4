package org.kerneldna.zoo;

import lombok.experimental.SuperBuilder;

/**
 * ResNet-50 (arXiv 1512.03385), as torchvision has it: four stages of bottlenecks, with the stride
 * in the 3x3 convolution. Its twin with KernelDNA is {@link KernelDNAResNet50}.
 *
 * <pre>{@code ComputationGraph graph = ResNet50.builder().numClasses(10).build().init();}</pre>
 */
@SuperBuilder
public final class ResNet50 extends ZooNetwork {

  @Override
  Features modules(Modules m, Features images) {
    Features x = ResNetBlocks.stem(m, images, channels(64), isSmallStem());
    x = ResNetBlocks.bottleneckStage(m.in("layer1"), x, channels(64), 1, 3);
    x = ResNetBlocks.bottleneckStage(m.in("layer2"), x, channels(128), 2, 4);
    x = ResNetBlocks.bottleneckStage(m.in("layer3"), x, channels(256), 2, 6);
    x = ResNetBlocks.bottleneckStage(m.in("layer4"), x, channels(512), 2, 3);
    return m.linear("fc", m.globalAveragePool("avgpool", x), getNumClasses());
  }
}
