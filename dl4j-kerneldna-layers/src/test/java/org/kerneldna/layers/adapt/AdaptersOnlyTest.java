package org.kerneldna.layers.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.samediff.SameDiffKernelDNAConvolution;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class AdaptersOnlyTest {

  private static final DataSet DATA =
      Graphs.labelled(Graphs.batch(CNN2DFormat.NCHW, 8), Graphs.CLASSES);

  private static final InputType IMAGES =
      InputType.convolutional(Graphs.SIZE, Graphs.SIZE, Graphs.CHANNELS);

  /** With everything that changes parameters: momentum, decay beside the updater, constraints. */
  private static ComputationGraph adapted() {
    ComputationGraph graph =
        Graphs.stock(
            Graphs.options()
                .l2(0)
                .weightDecay(0.1, false)
                .weightDecayBias(0.1, false)
                .constrainWeights(new MaxNormConstraint(0.2, 1)),
            CNN2DFormat.NCHW);
    ComputationGraph adapted =
        Adapter.builder()
            .group(KernelGroup.of("b", "a", "c"))
            .build()
            .adapt(graph, DATA.getFeatures())
            .graph();
    adapted.fit(DATA);
    return adapted;
  }

  /** Names of the parameters that three steps of training change. */
  private static List<String> changed(ComputationGraph graph) {
    Map<String, INDArray> before = new LinkedHashMap<>();
    graph.paramTable().forEach((name, param) -> before.put(name, param.dup()));
    for (int i = 0; i < 3; i++) {
      graph.fit(DATA);
    }
    return graph.paramTable().keySet().stream()
        .filter(name -> !before.get(name).equalsWithEps(graph.getParam(name), 0))
        .toList();
  }

  private static final String[] ADAPTERS = {
    "a-gate_gateW1",
    "a-gate_gateGamma",
    "a-gate_gateBeta",
    "a-gate_gateMean",
    "a-gate_gateVar",
    "a-gate_gateW2",
    "a-gate_gateB2",
    "a-kernel_s",
    "a-kernel_f",
    "c-gate_gateW1",
    "c-gate_gateGamma",
    "c-gate_gateBeta",
    "c-gate_gateMean",
    "c-gate_gateVar",
    "c-gate_gateW2",
    "c-gate_gateB2",
    "c-kernel_s",
    "c-kernel_f",
    "norm1_gamma",
    "norm1_beta",
    "norm1_mean",
    "norm1_log10stdev",
    "norm2_gamma",
    "norm2_beta",
    "norm2_mean",
    "norm2_var",
    "norm3_gamma",
    "norm3_beta",
    "norm3_mean",
    "norm3_var",
    "out_W",
    "out_b",
  };

  @Test
  void nothingElseLearns(@TempDir Path folder) throws IOException {
    ComputationGraph graph = adapted();
    AdaptersOnly.on(graph);
    assertThat(changed(graph)).containsExactlyInAnyOrder(ADAPTERS);

    File file = folder.resolve("restricted.zip").toFile();
    ModelSerializer.writeModel(graph, file, true);
    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file, true);
    assertThat(changed(restored)).containsExactlyInAnyOrder(ADAPTERS);
  }

  @Test
  void undoneAllLearnsAsBefore() {
    ComputationGraph graph = adapted();
    String before = graph.getConfiguration().toJson();
    AdaptersOnly adaptersOnly = AdaptersOnly.on(graph);
    assertThat(graph.getConfiguration().toJson()).isNotEqualTo(before);
    adaptersOnly.undo();
    assertThat(graph.getConfiguration().toJson()).isEqualTo(before);
    assertThat(changed(graph)).containsAll(graph.paramTable().keySet());
  }

  @Test
  void aConvolutionWithAKernelOfItsOwnLearnsAllButThat() {
    ComputationGraph graph =
        with(new KernelDNAConvolution.Builder(3, 3).nOut(Graphs.CHANNELS).gate(2).build());
    AdaptersOnly adaptersOnly = AdaptersOnly.on(graph);
    assertThat(changed(graph))
        .contains("conv_s", "conv_f", "conv_gateW2", "conv_gateMean", "out_W", "out_b")
        .doesNotContain("conv_W", "conv_b");
    adaptersOnly.undo();
    assertThat(changed(graph)).contains("conv_W", "conv_b", "conv_s");
  }

  @Test
  void aHeadMayBeNormalised() {
    ComputationGraph graph =
        init(
            Graphs.options()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(IMAGES)
                .addLayer("conv", Graphs.conv(3).build(), "in")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
                .addLayer("fc", new DenseLayer.Builder().nOut(Graphs.CLASSES).build(), "pool")
                .addLayer("norm", new BatchNorm.Builder().build(), "fc")
                .addLayer("out", new LossLayer.Builder(LossFunction.MSE).build(), "norm"));
    AdaptersOnly.on(graph);
    assertThat(changed(graph)).contains("fc_W", "norm_gamma").doesNotContain("conv_W", "conv_b");
  }

  @Test
  void aLayerThatCannotBeFrozenIsNamed() {
    KernelDNAConvolution conv =
        new KernelDNAConvolution.Builder(3, 3).nOut(Graphs.CHANNELS).noGate().build();
    ComputationGraph graph = with(new SameDiffKernelDNAConvolution.Builder(conv).build());
    assertThatThrownBy(() -> AdaptersOnly.on(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"conv\" cannot be frozen");
  }

  private static ComputationGraph with(Layer conv) {
    return init(
        Graphs.options()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(IMAGES)
            .addLayer("conv", conv, "in")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
            .addLayer("out", new OutputLayer.Builder().nOut(Graphs.CLASSES).build(), "pool"));
  }

  private static ComputationGraph init(GraphBuilder builder) {
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("out").build());
    graph.init();
    return graph;
  }
}
