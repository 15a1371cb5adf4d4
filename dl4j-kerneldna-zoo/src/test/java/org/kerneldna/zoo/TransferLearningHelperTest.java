package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.transferlearning.TransferLearningHelper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kerneldna.layers.MomentumSgd;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Training the clusters of a network on features that were computed once. */
class TransferLearningHelperTest {

  private static final DataSet BATCH =
      new DataSet(FillingRule.input("images", 4, 3, 32, 32), Nd4j.eye(4));

  @ParameterizedTest
  @CsvSource({
    "resnet18, layer2.1.relu",
    "resnet50, layer3.block0.relu",
    "mobilenet_v2, features.3.sum",
    "mobilenet_v2_1d2, features.3.sum",
    "convnext_tiny, features.5.0.sum"
  })
  void trainsWhatComesAfterThePlainStages(String architecture, String boundary) {
    ComputationGraph graph =
        Architecture.named(architecture)
            .builder(true)
            .numClasses(4)
            .inputShape(new int[] {3, 32, 32})
            .width(0.125)
            .smallStem(true)
            .stochasticDepth(0)
            .updater(new MomentumSgd(0.01, 0.9))
            .build()
            .init();
    assertThat(graph.scoreExamples(BATCH, true).meanNumber().doubleValue())
        .isCloseTo(graph.score(BATCH), within(1e-4));

    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph).setFeatureExtractor(boundary).build();
    ComputationGraph helped = graph.clone();
    TransferLearningHelper helper = new TransferLearningHelper(helped, boundary);
    assertThat(helper.unfrozenGraph().getConfiguration().getNetworkInputs())
        .containsExactly(boundary);

    helper.fitFeaturized(helper.featurize(BATCH));
    frozen.fit(BATCH);
    assertThat(frozen.params()).isNotEqualTo(graph.params());
    assertClose(helped.params(), frozen.params());
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .isLessThan(1e-5 * expected.amaxNumber().doubleValue());
  }
}
