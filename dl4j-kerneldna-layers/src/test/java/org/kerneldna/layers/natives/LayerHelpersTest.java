package org.kerneldna.layers.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.deeplearning4j.config.DL4JSystemProperties.DISABLE_HELPER_PROPERTY;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class LayerHelpersTest {

  @BeforeEach
  void needsOneDnn() {
    assumeTrue(Backend.oneDnn(), "oneDNN is not published for this platform");
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void helpersChangeTheSpeedAndNotTheNumbers(CNN2DFormat format) {
    var helped = StockUser.graph(format);
    assertThat(helpers(helped)).isEqualTo(6);
    var plain = withoutHelpers(() -> StockUser.graph(format));
    assertThat(helpers(plain)).isZero();

    var batch = batch(format);
    assertClose(helped.outputSingle(batch.getFeatures()), plain.outputSingle(batch.getFeatures()));
    assertClose(gradient(helped, batch), gradient(plain, batch));

    for (int step = 0; step < 5; step++) {
      helped.fit(batch);
      plain.fit(batch);
    }
    assertClose(helped.params(), plain.params());
    assertClose(helped.outputSingle(batch.getFeatures()), plain.outputSingle(batch.getFeatures()));
  }

  private static long helpers(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers()).filter(layer -> layer.getHelper() != null).count();
  }

  private static ComputationGraph withoutHelpers(Supplier<ComputationGraph> graph) {
    var before = System.setProperty(DISABLE_HELPER_PROPERTY, "true");
    try {
      return graph.get();
    } finally {
      System.setProperty(DISABLE_HELPER_PROPERTY, before);
    }
  }

  private static DataSet batch(CNN2DFormat format) {
    Nd4j.getRandom().setSeed(11);
    var images = Nd4j.randn(DataType.FLOAT, 5, 3, 9, 9);
    var labels = Nd4j.eye(4).castTo(DataType.FLOAT).getRows(0, 1, 2, 3, 0);
    return new DataSet(
        format == CNN2DFormat.NCHW ? images : images.permute(0, 2, 3, 1).dup('c'), labels);
  }

  private static INDArray gradient(ComputationGraph graph, DataSet batch) {
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.computeGradientAndScore();
    return graph.gradient().gradient().dup();
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    assertThat(expected.norm2Number().doubleValue()).isPositive();
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isCloseTo(0, within(1e-4));
  }
}
