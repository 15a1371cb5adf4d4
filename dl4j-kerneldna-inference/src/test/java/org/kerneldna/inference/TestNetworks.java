package org.kerneldna.inference;

import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.zoo.Architecture;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small networks of the zoo, and images for them. */
@UtilityClass
class TestNetworks {

  static final int SIZE = 40;

  /** Initialised, with offsets and statistics as training leaves them, and a decided classifier. */
  static ComputationGraph network(
      Architecture architecture, boolean customize, CNN2DFormat format) {
    ComputationGraph graph =
        architecture
            .builder(customize)
            .numClasses(7)
            .inputShape(new int[] {3, SIZE, SIZE})
            .width(0.2)
            .dataFormat(format)
            .stochasticDepth(0.1)
            .build()
            .init();
    stir(graph);
    return graph;
  }

  /** Moves offsets, statistics and the classifier away from where they start. */
  static void stir(ComputationGraph graph) {
    Nd4j.getRandom().setSeed(5);
    for (INDArray parameter : graph.paramTable().values()) {
      if (parameter.rank() == 1) {
        parameter.addi(Nd4j.rand(DataType.FLOAT, parameter.shape()).muli(0.3));
      } else if (parameter.rank() == 2) {
        parameter.muli(10);
      }
    }
  }

  static INDArray images(int batch, CNN2DFormat format) {
    return format == CNN2DFormat.NCHW
        ? Nd4j.randn(DataType.FLOAT, batch, 3, SIZE, SIZE)
        : Nd4j.randn(DataType.FLOAT, batch, SIZE, SIZE, 3);
  }
}
