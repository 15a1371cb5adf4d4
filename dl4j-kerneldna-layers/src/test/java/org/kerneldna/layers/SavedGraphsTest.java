package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Graphs that commit e10338a saved after two steps of training, with updater: between them they
 * hold every configuration class of this module, in both layouts. Beside each stand the arrays
 * features, labels, output, and the parameters after one more step with random seed 11; those not
 * of SameDiff layers, whose gradients were twice what they should be.
 */
class SavedGraphsTest {

  private static final String FOLDER = "/saved/";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chain-nchw",
        "chain-nhwc",
        "family-nchw",
        "family-nhwc",
        "samediff-nchw",
        "samediff-nhwc"
      })
  void computesAndTrainsAsWhenItWasSaved(String name) throws Exception {
    File file = new File(getClass().getResource(FOLDER + name + ".zip").toURI());
    ComputationGraph net = ComputationGraph.load(file, true);
    try (DataInputStream arrays =
        new DataInputStream(getClass().getResourceAsStream(FOLDER + name + ".bin"))) {
      DataSet data = new DataSet(Nd4j.read(arrays), Nd4j.read(arrays));
      assertEqual(net.outputSingle(data.getFeatures()), arrays);

      Nd4j.getRandom().setSeed(11);
      net.fit(data);
      if (!name.startsWith("samediff")) {
        assertEqual(net.params(), arrays);
      }
    }
  }

  private static void assertEqual(INDArray actual, DataInputStream arrays) throws IOException {
    INDArray expected = Nd4j.read(arrays);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isCloseTo(0, within(1e-6));
  }
}
