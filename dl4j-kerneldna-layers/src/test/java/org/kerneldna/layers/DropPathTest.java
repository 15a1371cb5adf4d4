package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.layers.Nets.assertClose;

import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DropPathTest {

  @Test
  void dropsWholeSamplesAndScalesTheOthers() {
    int samples = 2000;
    INDArray x = Nd4j.ones(DataType.FLOAT, samples, 2, 3, 1);
    INDArray y = train(net(0.2), x, 1);
    INDArray perSample = y.reshape(samples, 6);
    assertThat(perSample.max(1).toFloatVector()).isEqualTo(perSample.min(1).toFloatVector());
    assertThat(perSample.max(1).toFloatVector()).containsOnly(0, 1.25f);
    assertThat(y.meanNumber().doubleValue()).isCloseTo(1, within(0.05));
  }

  @Test
  void isTheIdentityAtInferenceAndAtRateZero() {
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 5);
    assertThat(net(0.9).outputSingle(x)).isEqualTo(x);
    assertThat(train(net(0), x, 1)).isEqualTo(x);
  }

  @Test
  void followsNd4jsSeed() {
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 64);
    assertThat(train(net(0.5), x, 1)).isEqualTo(train(net(0.5), x, 1));
    assertThat(train(net(0.5), x, 1)).isNotEqualTo(train(net(0.5), x, 2));
  }

  @Test
  void backwardDropsWhatForwardDropped() {
    INDArray x = Nets.batch(DataType.FLOAT, CNN2DFormat.NCHW, 16);
    ComputationGraph net = net(0.5);
    INDArray y = train(net, x, 1);
    INDArray gradX =
        net.getLayer("layer").backpropGradient(x, LayerWorkspaceMgr.noWorkspaces()).getSecond();
    assertClose(gradX, y, 1e-7);
  }

  @Test
  void keepsTheInputType() {
    InputType images = Nets.images(CNN2DFormat.NHWC);
    assertThat(layer(0.1).getOutputType(0, images)).isEqualTo(images);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refusesRatesThatAreNone(double rate) {
    assertThatThrownBy(() -> layer(rate))
        .isInstanceOf(DL4JInvalidConfigException.class)
        .hasMessageContaining("[0, 1)");
  }

  private static DropPath layer(double rate) {
    return new DropPath.Builder(rate).build();
  }

  private static ComputationGraph net(double rate) {
    return Nets.init(
        Nets.alone(layer(rate), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
  }

  private static INDArray train(ComputationGraph net, INDArray x, long seed) {
    Layer layer = net.getLayer("layer");
    Nd4j.getRandom().setSeed(seed);
    return layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
  }
}
