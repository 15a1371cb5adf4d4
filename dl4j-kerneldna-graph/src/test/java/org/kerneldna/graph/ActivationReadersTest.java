package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's activation functions. */
class ActivationReadersTest {

  static Stream<IActivation> functions() {
    return Stream.concat(
        Arrays.stream(Activation.values()).map(Activation::getActivationFunction),
        Stream.of(
            new ActivationReLU(1.5, null, null),
            new ActivationReLU(1.5, null, 0.2),
            new ActivationReLU(null, 0.5, null),
            new ActivationReLU(null, -0.5, 0.25),
            new ActivationReLU(1.25, 0.75, 0.3),
            new ActivationReLU(-0.5, 0.0, 0.5),
            new ActivationLReLU(0.3),
            new ActivationELU(0.4),
            new ActivationRReLU(0.1, 0.5),
            new ActivationThresholdedReLU(-0.5),
            new ActivationThresholdedReLU(0.75),
            new ActivationGELU(true),
            new ActivationPReLU(Agreement.numbers(3, 5, 4), null)));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void readsEach(IActivation function) {
    // What the functions tell apart, and where they saturate.
    double[] edges = {0, 0.5, -0.5, 0.75, 1, -1, 1.5, 2.5, -2.5, 6, 7};
    double[] far = {20, 85, 1000, 20000, -20, -85, -1000, -20000};
    if (function instanceof ActivationSoftPlus) {
      far = new double[] {20, 85, -20, -85}; // ND4J's overflows
    }
    for (double[] special : List.of(edges, far)) {
      INDArray x = Agreement.numbers(2, 3, 5, 4);
      for (int i = 0; i < special.length; i++) {
        x.putScalar(i, special[i]);
      }
      Program program =
          Agreement.of(
              LayerReadersTest.graph(LayerReadersTest.list().layer(new ActivationLayer(function))),
              x);
      assertThat(Agreement.opaque(program)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void readsEachInImagesWithChannelsLast(IActivation function) {
    IActivation fitting =
        function instanceof ActivationPReLU
            ? new ActivationPReLU(Agreement.numbers(5, 4, 3), null)
            : function;
    var graph =
        LayerReadersTest.graph(
            LayerReadersTest.list()
                .layer(new ConvolutionLayer.Builder(1, 1).nOut(3).activation(fitting).build())
                .setInputType(InputType.convolutional(5, 4, 2, CNN2DFormat.NHWC)));
    Program program = Agreement.of(graph, Agreement.numbers(2, 5, 4, 2));
    assertThat(Agreement.opaque(program)).isEmpty();
  }

  /** DL4J knows nothing of what a subclass makes of its parent's options, and no more do we. */
  private static final class OwnSigmoid extends ActivationSigmoid {
    @Override
    public INDArray getActivation(INDArray in, boolean training) {
      return in.muli(3);
    }
  }

  @Test
  void leavesASubclassToDl4j() {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      var graph =
          LayerReadersTest.graph(
              LayerReadersTest.list()
                  .layer(
                      new ConvolutionLayer.Builder(2, 2)
                          .nOut(3)
                          .activation(new OwnSigmoid())
                          .build())
                  .setInputType(InputType.convolutional(5, 4, 2, format)));
      Program program = Agreement.of(graph, Agreement.images(format, 2, 2, 5, 4));
      assertThat(Agreement.opaque(program)).isEqualTo(List.of("OwnSigmoid"));
    }
  }
}
