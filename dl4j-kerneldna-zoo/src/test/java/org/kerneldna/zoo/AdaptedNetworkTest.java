package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.layers.adapt.Adaptation;
import org.kerneldna.layers.adapt.Adapter;
import org.kerneldna.layers.adapt.KernelGroup;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AdaptedNetworkTest {

  @Test
  void aSharedKernelIsCountedOnce() {
    ResNet18 resnet =
        ResNet18.builder()
            .numClasses(3)
            .inputShape(new int[] {3, 16, 16})
            .width(0.125)
            .smallStem(true)
            .build();
    ComputationGraph graph = resnet.init();
    Adapter adapter =
        Adapter.builder()
            .group(KernelGroup.of("layer4.1.conv1", "layer4.0.conv2", "layer4.1.conv2"))
            .build();
    INDArray images = Nd4j.rand(8, 3, 16, 16);
    Adaptation adapted = adapter.adapt(graph, images);
    long c = 64;
    long gate = 2 * c * (c / 4) + 2 * (c / 4) + c;
    long modulation = 9 + c;
    Complexity before = Complexity.of(graph, resnet.inputType());
    Complexity after = Complexity.of(adapted.graph(), resnet.inputType());
    assertThat(after.parameters())
        .isEqualTo(before.parameters() - 2 * 9 * c * c + 2 * (gate + modulation));
    assertThat(after.macs()).isEqualTo(before.macs() + 2 * 2 * c * (c / 4));
    assertThatThrownBy(() -> adapter.adapt(adapted.graph(), images))
        .hasMessageContaining("not a plain convolution with a kernel of its own");
  }
}
