package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The activation functions of MobileNetV2 and ConvNeXt, ours and DL4J's, against the values of
 * PyTorch's {@code gelu} and {@code relu6} in float64.
 */
class GeluTest {

  private static final double[] X = {-6, -3, -1.5, -1, -0.5, 0, 0.3, 1, 2, 4.5};
  private static final double[] GELU = {
    -5.919525869479969e-09,
    -0.00404969409489031,
    -0.10021080190328704,
    -0.15865525393145702,
    -0.15426876936299344,
    0,
    0.1853734266566858,
    0.841344746068543,
    1.9544997361036416,
    4.4999847104709385
  };
  private static final double[] GELU_SLOPE = {
    -3.546870945402639e-08,
    -0.01194564720418392,
    -0.1274691922299796,
    -0.08331547058768635,
    0.13250487534383712,
    0.5,
    0.7323277668271099,
    1.0833154705876864,
    1.085231801078197,
    1.0000685291618563
  };

  private static final double[] X6 = {-1, 0, 1e-3, 3, 5.999, 6, 7};
  private static final double[] RELU6 = {0, 0, 1e-3, 3, 5.999, 6, 6};
  private static final double[] RELU6_SLOPE = {0, 0, 1, 1, 1, 0, 0};

  @ParameterizedTest
  @CsvSource({"DOUBLE, 1e-12", "FLOAT, 1e-6"})
  void isPyTorchs(DataType type, double tolerance) {
    assertIs(new Gelu(), type, X, GELU, GELU_SLOPE, tolerance);
  }

  @ParameterizedTest
  @CsvSource({"DOUBLE, 1e-12", "FLOAT, 1e-6"})
  void stockRelu6IsPyTorchs(DataType type, double tolerance) {
    assertIs(Activation.RELU6.getActivationFunction(), type, X6, RELU6, RELU6_SLOPE, tolerance);
  }

  @Test
  void worksInPlace() {
    INDArray x = Nd4j.createFromArray(X);
    assertThat(new Gelu().getActivation(x, true)).isSameAs(x);
  }

  @Test
  void sameInBothLayouts() {
    LayerCheck.sameInBothLayouts(new ActivationLayer(new Gelu()), DataType.FLOAT);
  }

  private static void assertIs(
      IActivation activation,
      DataType type,
      double[] x,
      double[] y,
      double[] slope,
      double tolerance) {
    INDArray in = Nd4j.createFromArray(x).castTo(type);
    assertThat(activation.getActivation(in.dup(), true).toDoubleVector())
        .containsExactly(y, within(tolerance));
    INDArray twos = Nd4j.ones(type, x.length).muli(2);
    assertThat(activation.backprop(in.dup(), twos).getFirst().divi(2).toDoubleVector())
        .containsExactly(slope, within(tolerance));
  }
}
