package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kerneldna.layers.LayerCheck.backprop;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.batch;
import static org.kerneldna.layers.Nets.randn;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.layers.math.Rectifier;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The layer against PyTorch's values and DL4J's layer. */
class ReluTest {

  private static final double[] X = {-1e30, -1, 0, 1e-3, 3, 5.999, 6, 7, 1e30};
  private static final double[] RELU = {0, 0, 0, 1e-3, 3, 5.999, 6, 7, 1e30};
  private static final double[] RELU_SLOPE = {0, 0, 0, 1, 1, 1, 1, 1, 1};
  private static final double[] RELU6 = {0, 0, 0, 1e-3, 3, 5.999, 6, 6, 6};
  private static final double[] RELU6_SLOPE = {0, 0, 0, 1, 1, 1, 0, 0, 0};

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void isPyTorchs(DataType type) {
    assertIs(Rectifier.RELU, type, RELU, RELU_SLOPE);
    assertIs(Rectifier.RELU6, type, RELU6, RELU6_SLOPE);
  }

  private static void assertIs(Rectifier rectifier, DataType type, double[] y, double[] slope) {
    INDArray x = Nd4j.createFromArray(X).castTo(type);
    INDArray gradOut = randn(type, 1, X.length);
    assertThat(rectifier.forward(x, x.ulike())).isEqualTo(Nd4j.createFromArray(y).castTo(type));
    assertThat(rectifier.backward(x, gradOut, x.ulike()))
        .isEqualTo(gradOut.mul(Nd4j.createFromArray(slope).castTo(type)));
  }

  @ParameterizedTest
  @CsvSource({"RELU, NCHW", "RELU, NHWC", "RELU6, NCHW", "RELU6, NHWC"})
  void doesWhatDl4jsLayerDoes(Activation activation, CNN2DFormat format) {
    ComputationGraph ours = alone(new Relu(activation), format);
    ComputationGraph dl4js = alone(new ActivationLayer(activation), format);
    INDArray x = batch(DataType.FLOAT, format, 3).muli(5);
    INDArray epsilon = randn(DataType.FLOAT, 4, x.shape());
    INDArray before = x.dup();

    assertThat(ours.outputSingle(x.dup())).isEqualTo(dl4js.outputSingle(x.dup()));
    assertThat(ours.outputSingle(true, x)).isEqualTo(dl4js.outputSingle(true, x.dup()));
    assertClose(
        backprop(ours, x, epsilon).getSecond(),
        backprop(dl4js, x.dup(), epsilon).getSecond(),
        1e-6);
    assertThat(x).isEqualTo(before);
  }

  private static ComputationGraph alone(ActivationLayer layer, CNN2DFormat format) {
    ComputationGraph net =
        new ComputationGraph(Nets.alone(layer, Nets.options(DataType.FLOAT), format).build());
    net.init();
    return net;
  }

  @Test
  void refusesAnotherFunction() {
    assertThatThrownBy(() -> new Relu(Activation.TANH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tanh is no ReLU: give RELU or RELU6, or use DL4J's ActivationLayer");
  }

  @Test
  void standsOnlyWhereItComputesTheSame() {
    assertThat(Relu.orOther(new ActivationReLU())).isInstanceOf(Relu.class);
    assertThat(Relu.orOther(new ActivationReLU(null, null, 0.1))).isNotInstanceOf(Relu.class);
  }
}
