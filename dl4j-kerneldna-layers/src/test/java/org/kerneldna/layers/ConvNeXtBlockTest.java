package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/** The layers together, in a residual block of ConvNeXt, with DL4J's workspaces. */
class ConvNeXtBlockTest {

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void gradients(CNN2DFormat format) {
    ComputationGraph net = Nets.randomized(block(DataType.DOUBLE, format, 0));
    Nets.assertGradients(net, Nets.labelled(DataType.DOUBLE, format, 4));
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void learns(CNN2DFormat format) {
    ComputationGraph net = Nets.init(block(DataType.FLOAT, format, 0.3));
    DataSet data = Nets.labelled(DataType.FLOAT, format, 8);
    double before = net.score(data);
    for (int step = 0; step < 20; step++) {
      net.fit(data);
    }
    assertThat(net.score(data)).isLessThan(0.8 * before);
  }

  private static ComputationGraphConfiguration block(
      DataType type, CNN2DFormat format, double rate) {
    return Nets.graph(Nets.options(type), format)
        .addLayer("depthwise", new DepthwiseConvolution.Builder(7, 7).build(), "in")
        .addLayer("norm", new ChannelLayerNorm.Builder().build(), "depthwise")
        .addLayer("expand", pointwise(4 * Nets.CHANNELS).activation(new Gelu()).build(), "norm")
        .addLayer("project", pointwise(Nets.CHANNELS).build(), "expand")
        .addLayer("scale", new LayerScale.Builder().build(), "project")
        .addLayer("drop", new DropPath.Builder(rate).build(), "scale")
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "drop", "in")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum")
        .addLayer("out", Nets.output().build(), "pool")
        .setOutputs("out")
        .build();
  }

  private static Convolution.Builder pointwise(int channels) {
    return new Convolution.Builder(1, 1).nOut(channels);
  }
}
