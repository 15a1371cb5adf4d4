package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Batch normalisation with a rectifier in it. */
class BatchNormRectifierTest {

  @ParameterizedTest
  @CsvSource({
    "RELU, NCHW, FLOAT",
    "RELU, NHWC, FLOAT",
    "RELU6, NCHW, DOUBLE",
    "RELU6, NHWC, DOUBLE"
  })
  void trainsAsWithALayerAfterIt(Activation activation, CNN2DFormat format, DataType type) {
    ComputationGraph apart = net(null, activation, format, type);
    ComputationGraph inOne = net(activation, activation, format, type);
    inOne.setParams(apart.params());
    DataSet data = Nets.labelled(type, format, 5);
    double tolerance = type == DataType.FLOAT ? 1e-5 : 1e-12;
    for (int step = 0; step < 3; step++) {
      apart.fit(data);
      inOne.fit(data);
      Nets.assertClose(inOne.params(), apart.params(), tolerance);
    }
    INDArray x = data.getFeatures();
    Nets.assertClose(inOne.outputSingle(x), apart.outputSingle(x), tolerance);
  }

  private static ComputationGraph net(
      Activation within, Activation after, CNN2DFormat format, DataType type) {
    BatchNorm.Builder norm = new BatchNorm.Builder();
    GraphBuilder graph =
        Nets.graph(Nets.options(type), format)
            .addLayer("conv", Nets.parent().build(), "in")
            .addLayer("norm", (within == null ? norm : norm.rectifier(within)).build(), "conv");
    if (within == null) {
      graph.addLayer("relu", new Relu(after), "norm");
    }
    return Nets.randomized(
        graph
            .addLayer("pool", new GlobalPoolingLayer(), within == null ? "relu" : "norm")
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out")
            .build());
  }

  @Test
  void aConfigurationOfBeforeThereWasOne() {
    ComputationGraphConfiguration conf =
        Nets.alone(new BatchNorm.Builder().build(), Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
            .build();
    String old = conf.toJson().replaceAll("\"rectifier\"\\s*:\\s*null,?", "");
    assertThat(old).doesNotContain("rectifier");
    assertThat(ComputationGraphConfiguration.fromJson(old)).isEqualTo(conf);
  }

  @Test
  void refusesAnotherFunction() {
    assertThatThrownBy(() -> new BatchNorm.Builder().rectifier(Activation.TANH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TANH is no rectifier: give RELU or RELU6");
  }
}
