package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.labelled;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/** DL4J's transfer learning on a graph that shares a kernel. */
class TransferTest {

  private static final DataSet DATA = labelled(DataType.FLOAT, CNN2DFormat.NCHW, 6);

  private final ComputationGraph net =
      Nets.randomized(
          Nets.shared(
              Nets.options(DataType.FLOAT).updater(new MomentumSgd(0.1, 0.9)), CNN2DFormat.NCHW));

  @ParameterizedTest
  @CsvSource({
    "first, 'first-gate first-kernel middle-kernel'",
    "norm, 'first-gate first-kernel middle-kernel norm'",
    "middle-kernel, middle-kernel",
    "last, 'first-gate first-kernel last-bias last-gate last-kernel middle-kernel norm'",
  })
  void whatComesBeforeAFeatureExtractorIsFrozen(
      String extractor, String frozen, @TempDir Path directory) throws IOException {
    ComputationGraph transferred =
        new TransferLearning.GraphBuilder(net).setFeatureExtractor(extractor).build();
    assertThat(transferred.params()).isEqualTo(net.params());

    File file = directory.resolve("model.zip").toFile();
    ModelSerializer.writeModel(transferred, file, true);
    for (ComputationGraph trained :
        new ComputationGraph[] {transferred, ModelSerializer.restoreComputationGraph(file)}) {
      trained.fit(DATA);
      trained.fit(DATA);
      assertThat(layersEqualTo(net, trained)).containsExactlyInAnyOrder(frozen.split(" "));
    }
  }

  @Test
  void aNewOutputLeavesTheRest() {
    ComputationGraph transferred =
        new TransferLearning.GraphBuilder(net)
            .removeVertexAndConnections("out")
            .addLayer("new", Nets.output().nIn(Nets.CHANNELS).nOut(7).build(), "pool")
            .setOutputs("new")
            .build();
    assertOnlyOutputDiffers(transferred);
  }

  @Test
  void aReplacedNOutLeavesTheRest() {
    assertOnlyOutputDiffers(
        new TransferLearning.GraphBuilder(net).nOutReplace("out", 7, WeightInit.XAVIER).build());
  }

  @Test
  void fineTuningReachesEveryParameterButStatistics() {
    ComputationGraph transferred =
        new TransferLearning.GraphBuilder(net)
            .fineTuneConfiguration(
                new FineTuneConfiguration.Builder().updater(new Sgd(0.01)).l2(0.5).build())
            .build();
    assertThat(transferred.params()).isEqualTo(net.params());
    for (Layer layer : transferred.getLayers()) {
      layer
          .paramTable()
          .keySet()
          .forEach(
              key ->
                  assertThat(layer.getConfig().getUpdaterByParam(key))
                      .as(layer.getConfig().getLayerName() + " " + key)
                      .isEqualTo(key.matches("(?i).*(mean|var)") ? new NoOp() : new Sgd(0.01)));
    }
    assertThat(transferred.calcRegularizationScore(true)).isPositive();

    ComputationGraph byHand =
        Nets.init(
            Nets.shared(
                Nets.options(DataType.FLOAT).updater(new Sgd(0.01)).l2(0.5), CNN2DFormat.NCHW));
    byHand.setParams(net.params());
    transferred.fit(DATA);
    byHand.fit(DATA);
    assertThat(transferred.params()).isEqualTo(byHand.params());
  }

  private void assertOnlyOutputDiffers(ComputationGraph transferred) {
    assertThat(layersEqualTo(net, transferred))
        .containsExactlyInAnyOrder(
            "first-gate",
            "first-kernel",
            "middle-kernel",
            "norm",
            "last-gate",
            "last-kernel",
            "last-bias");
    assertThat(transferred.outputSingle(DATA.getFeatures()).shape()).containsExactly(6, 7);
  }

  /** The layers with parameters that have the same in both. */
  private static List<String> layersEqualTo(ComputationGraph expected, ComputationGraph actual) {
    return Arrays.stream(expected.getLayers())
        .filter(layer -> layer.numParams() > 0)
        .map(layer -> layer.getConfig().getLayerName())
        .filter(name -> actual.getVertex(name) != null)
        .filter(name -> actual.getLayer(name).params().equals(expected.getLayer(name).params()))
        .toList();
  }
}
