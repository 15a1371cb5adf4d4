package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BaseConvBuilder;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** Children that replace plain convolutions. */
class InPlaceOfTest {

  @Test
  void aChildHasTheOptionsOfTheConvolutionItReplaces() {
    ConvolutionLayer plain =
        options(new ConvolutionLayer.Builder(3, 2).dataFormat(CNN2DFormat.NHWC)).build();
    KernelDNAConvolution expected =
        options(new KernelDNAConvolution.Builder(3, 2).dataFormat(CNN2DFormat.NHWC))
            .gate(2)
            .build();
    assertThat(KernelDNAConvolution.inPlaceOf(plain, 2)).isEqualTo(expected);
  }

  @Test
  void constraintsGoWithTheParameters() {
    ConvolutionLayer plain =
        options(new ConvolutionLayer.Builder(3, 2))
            .constrainWeights(new MaxNormConstraint(2, 1, 2, 3))
            .build();
    assertThat(KernelDNAConvolution.inPlaceOf(plain, 2).getConstraints())
        .singleElement()
        .satisfies(c -> assertThat(c.getParams()).containsExactly(KernelDNAConvolution.KERNEL));
  }

  private static <B extends BaseConvBuilder<B>> B options(B builder) {
    return builder
        .stride(2, 1)
        .padding(1, 0)
        .dilation(1, 2)
        .convolutionMode(ConvolutionMode.Truncate)
        .nIn(4)
        .nOut(5)
        .hasBias(false)
        .activation(Activation.TANH)
        .dropOut(0.8)
        .biasInit(0.3)
        .updater(new Sgd(0.3))
        .biasUpdater(new Sgd(0.4))
        .l2(0.1)
        .l2Bias(0.2);
  }
}
