package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;

import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidConfigException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.transferlearning.TransferLearningHelper;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * What TransferLearning and TransferLearningHelper do to the neighbourhood of a parent, on {@code
 * in, stem, norm, relu, middle (the parent) and last (its child), their sum, pool, out}.
 */
class TransferMethodsTest {

  private static final DataSet DATA = Nets.labelled(DataType.FLOAT, CNN2DFormat.NCHW, 6);
  private static final INDArray IMAGES = DATA.getFeatures();

  private final ComputationGraph net = net();

  private static ComputationGraph net() {
    GraphBuilder graph =
        Nets.graph(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW)
            .setOutputs("out")
            .addLayer("stem", parent().build(), "in")
            .addLayer("norm", new BatchNorm.Builder().build(), "stem")
            .addLayer("relu", new Relu(Activation.RELU), "norm");
    KernelDNA sharing =
        KernelDNA.on(graph)
            .parent("middle", parent().build(), "relu")
            .child("last", "middle", child().hasBias(true).build(), "relu");
    graph
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "middle", "last")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "sum")
        .addLayer("out", Nets.output().build(), "pool");
    return Nets.randomized(sharing.build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"stem", "norm", "relu", "sum", "pool"})
  void featurizedTrainingIsThatOfAFrozenGraph(String extractor) {
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(net).setFeatureExtractor(extractor).build();
    ComputationGraph helped = net.clone();
    INDArray expected = net.outputSingle(IMAGES);

    TransferLearningHelper helper = new TransferLearningHelper(helped, extractor);
    DataSet featurized = helper.featurize(DATA);
    assertThat(featurized.getFeatures()).isEqualTo(net.feedForward(IMAGES, false).get(extractor));
    assertClose(helper.outputFromFeaturized(featurized.getFeatures().dup()), expected, 1e-6);
    helper.fitFeaturized(featurized);
    frozen.fit(DATA);
    assertThat(frozen.params()).isNotEqualTo(net.params());
    assertClose(helped.params(), frozen.params(), 1e-6);
    assertThat(helper.unfrozenGraph().getConfiguration().getNetworkInputs())
        .containsExactly(extractor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"middle", "middle-kernel", "last-kernel", "last"})
  void featurizingWithAKernelThatTrainedLayersShareIsRefused(String extractor) {
    assertInvalid(
        () -> new TransferLearningHelper(net, extractor),
        "as an input of the network",
        "\"middle-kernel\"",
        "setFeatureExtractor");
  }

  @Test
  void nOutBeforeAParentIsRefusedUntilTheKernelFollows() {
    assertInvalid(
        () -> stemOf6().build(), "\"middle\" gets 6 channels", "nInReplace(\"middle-kernel\", 6");

    ComputationGraph wider =
        stemOf6()
            .nInReplace("middle-kernel", 6, WeightInit.XAVIER)
            .nInReplace("last-gate", 6, WeightInit.XAVIER)
            .build();
    wider.fit(DATA);
    assertThat(wider.outputSingle(IMAGES).shape()).containsExactly(6, Nets.CLASSES);
    assertThat(wider.getParam("norm_gamma").length()).isEqualTo(6);
    assertThat(wider.getParam("middle-kernel_W").shape()).containsExactly(4, 6, 3, 3);
    assertThat(wider.getParam("last-gate_gateW2").shape()).containsExactly(6, 3);
  }

  private TransferLearning.GraphBuilder stemOf6() {
    return new TransferLearning.GraphBuilder(net).nOutReplace("stem", 6, WeightInit.XAVIER);
  }

  @Test
  void nOutOfALayerThatKeepsItsChannelsIsRefused() {
    List<Layer> layers =
        List.of(new LayerScale.Builder().build(), new SqueezeExcitation.Builder().build());
    for (Layer layer : layers) {
      ComputationGraph alone =
          Nets.init(Nets.alone(layer, Nets.options(DataType.FLOAT), CNN2DFormat.NCHW).build());
      assertInvalid(
          () ->
              new TransferLearning.GraphBuilder(alone)
                  .nOutReplace("layer", 6, WeightInit.XAVIER)
                  .build(),
          "\"layer\"",
          "keeps its channels");
    }
  }

  @Test
  void removingTheKernelOfAChildIsRefused() {
    assertInvalid(
        () ->
            new TransferLearning.GraphBuilder(net)
                .removeVertexAndConnections("last-kernel")
                .build(),
        "\"last-conv\" needs activations and a kernel");
  }

  private static void assertInvalid(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable mistake, String... words) {
    assertThatExceptionOfType(DL4JInvalidConfigException.class)
        .isThrownBy(mistake)
        .withMessageContainingAll(words)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
