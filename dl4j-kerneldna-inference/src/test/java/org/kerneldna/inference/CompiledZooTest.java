package org.kerneldna.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The networks of DL4J's zoo, compiled, against themselves. */
class CompiledZooTest {

  @ParameterizedTest
  @EnumSource
  void computesWhatTheGraphDoes(StockZoo zoo) {
    Nd4j.getRandom().setSeed(3);
    ComputationGraph graph = zoo.graph();
    int[] shape = zoo.imageShape();
    INDArray images = Nd4j.randn(DataType.FLOAT, 2, shape[0], shape[1], shape[2]);
    INDArray[] expected = graph.output(images.dup());
    try (CompiledNetwork compiled = CompiledNetwork.of(graph)) {
      INDArray[] actual = compiled.output(images);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i].shape()).isEqualTo(expected[i].shape());
        double most = expected[i].amaxNumber().doubleValue();
        assertThat(most).isBetween(0.1, 1000.0);
        assertThat(expected[i].stdNumber().doubleValue()).isGreaterThan(0.02);
        double apart = actual[i].sub(expected[i]).amaxNumber().doubleValue();
        assertThat(apart / most).isLessThan(2e-5);
      }
      assertThat(compiled.describe(images.shape()).leftToDl4j()).isEmpty();
    }
  }
}
