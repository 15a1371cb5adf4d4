package org.kerneldna.layers.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.kerneldna.layers.adapt.Graphs.CHANNELS;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.layers.BatchNorm;
import org.kerneldna.layers.dynamic.Gate;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.ops.transforms.Transforms;

class AdapterTest {

  private static final List<KernelGroup> GROUPS =
      List.of(KernelGroup.of("b", "a", "c"), KernelGroup.of("small", "smaller"));

  private static Adaptation adapt(ComputationGraph graph, CNN2DFormat format) {
    return Adapter.builder().groups(GROUPS).build().adapt(graph, Graphs.batch(format, 20));
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    INDArray flat = expected.reshape(expected.length());
    assertThat(actual.reshape(actual.length()).distance2(flat))
        .isCloseTo(0, within(1e-9 * (1 + expected.norm2Number().doubleValue())));
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void kernelsThatAreModulationsOfTheParentsGiveTheSameNetwork(CNN2DFormat format) {
    ComputationGraph graph = Graphs.stock(format);
    Graphs.modulate(graph, "a", "b");
    Graphs.modulate(graph, "c", "b");
    Graphs.modulate(graph, "smaller", "small");
    INDArray images = Graphs.batch(format, 3);
    INDArray expected = graph.outputSingle(images);

    KernelSharing.Result result = new KernelSharing(graph, GROUPS, 4).apply();
    assertThat(result.errors().keySet()).containsExactly("a", "c", "smaller");
    assertThat(result.errors().values()).allSatisfy(e -> assertThat(e).isLessThan(1e-6));
    assertThat(result.graph().outputSingle(images).distance2(expected)).isLessThan(1e-6);
    assertThat(graph.outputSingle(images)).isEqualTo(expected);
  }

  @Test
  void whatNeedNotChangeDoesNot() {
    ComputationGraph graph = Graphs.stock(CNN2DFormat.NCHW);
    ComputationGraph adapted = new KernelSharing(graph, GROUPS, 4).apply().graph();
    graph
        .getConfiguration()
        .getVertices()
        .keySet()
        .forEach(name -> assertThat(adapted.getVertex(name)).as(name).isNotNull());
    for (String name : new String[] {"norm1", "norm2", "norm3", "depthwise", "out"}) {
      assertThat(adapted.getLayer(name).params()).isEqualTo(graph.getLayer(name).params());
      assertThat(adapted.getLayer(name).conf().getLayer())
          .isEqualTo(graph.getLayer(name).conf().getLayer());
    }
    assertThat(adapted.getParam("b-kernel_W")).isEqualTo(graph.getParam("b_W"));
    assertClose(adapted.getLayer("a-bias").getParam("b"), graph.getLayer("a").getParam("b"));
    assertClose(adapted.getLayer("c").getParam("b"), graph.getLayer("c").getParam("b"));
    assertClose(adapted.getLayer("small").getParam("b"), graph.getLayer("small").getParam("b"));
    for (String name : new String[] {"b-kernel", "a-kernel", "a-gate", "c-kernel"}) {
      BaseLayer layer = (BaseLayer) adapted.getLayer(name).conf().getLayer();
      assertThat(layer.getIUpdater()).as(name).isEqualTo(new Nesterovs(0.1, 0.9));
      assertThat(layer.getRegularization()).as(name).hasSize(1);
    }
    assertThat(adapted.getConfiguration().getDataType()).isEqualTo(DataType.DOUBLE);
    assertThat(adapted.getConfiguration().getDefaultConfiguration().getSeed()).isEqualTo(5);
  }

  @Test
  void gatesStartAtOneHalfButCanLearn() {
    ComputationGraph adapted = adapt(Graphs.stock(CNN2DFormat.NCHW), CNN2DFormat.NCHW).graph();
    INDArray images = Graphs.batch(CNN2DFormat.NCHW, 5);
    assertThat(adapted.feedForward(images, false).get("a-gate")).isEqualTo(images.mul(0.5));
    Layer gate = adapted.getLayer("a-gate");
    assertThat(gate.getParam(Gate.W1).norm1Number().doubleValue()).isPositive();
    adapted.fit(Graphs.labelled(images, Graphs.CLASSES));
    assertThat(gate.getParam(Gate.W2).norm1Number().doubleValue()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void statisticsAreThoseOfTheBatch(CNN2DFormat format) {
    ComputationGraph adapted = adapt(Graphs.stock(format), format).graph();
    Map<String, INDArray> activations = adapted.feedForward(Graphs.batch(format, 20), true);
    int[] samples = format == CNN2DFormat.NCHW ? new int[] {0, 2, 3} : new int[] {0, 1, 2};

    INDArray a = activations.get("a");
    assertClose(adapted.getParam("norm1_mean"), a.mean(samples));
    assertClose(
        adapted.getParam("norm1_log10stdev"),
        Transforms.log(a.var(false, samples)).div(2 * Math.log(10)));
    INDArray b = activations.get("b");
    assertClose(adapted.getParam("norm2_" + BatchNorm.MEAN), b.mean(samples));
    assertClose(adapted.getParam("norm2_" + BatchNorm.VARIANCE), b.var(true, samples));
    INDArray c = activations.get("c");
    assertClose(adapted.getParam("norm3_mean"), c.mean(samples));
    assertClose(adapted.getParam("norm3_var"), c.var(false, samples));

    INDArray pooled = activations.get("depthwise").mean(samples[1], samples[2]);
    INDArray hidden = pooled.mmul(adapted.getParam("c-gate_" + Gate.W1).transpose());
    assertClose(adapted.getParam("c-gate_" + Gate.MEAN), hidden.mean(0));
    assertClose(adapted.getParam("c-gate_" + Gate.VARIANCE), hidden.var(true, 0));
  }

  @Test
  void itCanBeSavedAndRead(@TempDir Path folder) throws IOException {
    ComputationGraph adapted = adapt(Graphs.stock(CNN2DFormat.NHWC), CNN2DFormat.NHWC).graph();
    File file = folder.resolve("adapted.zip").toFile();
    ModelSerializer.writeModel(adapted, file, true);
    INDArray images = Graphs.batch(CNN2DFormat.NHWC, 3);
    assertThat(ModelSerializer.restoreComputationGraph(file).outputSingle(images))
        .isEqualTo(adapted.outputSingle(images));
  }

  @Test
  void groupsAreFoundByTheShapeOfTheKernelAndParentsBySimilarity() {
    ComputationGraph graph = Graphs.stock(CNN2DFormat.NCHW);
    assertThat(new PlainConvolutions(graph).groups())
        .containsExactly(List.of("a", "b", "c"), List.of("small", "smaller"));
    Adaptation adapted =
        Adapter.builder().threshold(0).build().adapt(graph, Graphs.batch(CNN2DFormat.NCHW, 20));
    assertThat(adapted.groups()).hasSize(2);
    assertThat(adapted.groups().get(0).children()).hasSize(2);
    assertThat(adapted.similarity().layers()).containsExactly("a", "b", "c", "small", "smaller");
    assertThat(adapted.fitErrors()).hasSize(3);
  }

  @Test
  void theMostSimilarIsTheParentAndTheThresholdChoosesItsChildren() {
    LayerSimilarity similarity =
        new LayerSimilarity(
            List.of("x", "y", "z"), new double[][] {{1, 0.8, 0.1}, {0.8, 1, 0.5}, {0.1, 0.5, 1}});
    assertThat(KernelGroup.choose(similarity.layers(), similarity, 0.5))
        .isEqualTo(KernelGroup.of("y", "x", "z"));
    assertThat(KernelGroup.choose(similarity.layers(), similarity, 0.6))
        .isEqualTo(new KernelGroup("y", List.of("x"), List.of("z")));
    assertThat(KernelGroup.choose(List.of("x", "z"), similarity, 0).parent()).isEqualTo("x");
  }

  @Test
  void similarityIsThatOfTheOutputsInInference() {
    ComputationGraph graph = Graphs.stock(CNN2DFormat.NCHW);
    INDArray images = Graphs.batch(CNN2DFormat.NCHW, 20);
    LayerSimilarity similarity = LayerSimilarity.measure(graph, List.of("b", "c", "a"), images);
    Map<String, INDArray> outputs = graph.feedForward(images, false);
    assertThat(similarity.layers()).containsExactly("b", "c", "a");
    assertThat(similarity.between("a", "a")).isEqualTo(1);
    assertThat(similarity.between("b", "c")).isEqualTo(similarity.between("c", "b"));
    assertThat(similarity.between("a", "c"))
        .isCloseTo(LinearCka.similarity(outputs.get("a"), outputs.get("c")), within(1e-12))
        .isBetween(0.1, 0.9);
    assertThat(LayerSimilarity.measurable(graph))
        .containsExactly("a", "b", "small", "depthwise", "c", "smaller", "out");
  }

  @Test
  void preprocessorsStayAndFrozenConvolutionsAreLeftAlone() {
    ComputationGraph graph =
        new ComputationGraph(
            Graphs.options()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutionalFlat(6, 6, CHANNELS))
                .addLayer("first", Graphs.conv(3).build(), "in")
                .addLayer("second", Graphs.conv(3).build(), "first")
                .addLayer("third", Graphs.conv(3).build(), "second")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "third")
                .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "pool")
                .setOutputs("out")
                .build());
    graph.init();
    Graphs.modulate(graph, "first", "third");
    INDArray images = Nd4j.rand(DataType.DOUBLE, 3, 6 * 6 * CHANNELS);
    ComputationGraph adapted =
        new KernelSharing(graph, List.of(KernelGroup.of("third", "first")), 4).apply().graph();
    assertThat(adapted.outputSingle(images).distance2(graph.outputSingle(images))).isLessThan(1e-6);

    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph).setFeatureExtractor("first").build();
    assertThat(new PlainConvolutions(frozen).groups()).containsExactly(List.of("second", "third"));
  }

  @Test
  void mistakesAreNamed() {
    ComputationGraph graph = Graphs.stock(CNN2DFormat.NCHW);
    assertMistake(
        graph,
        KernelGroup.of("b", "nose"),
        "The network has no layer \"nose\"; its plain convolutions: [a, b, small, c, smaller]");
    assertMistake(
        graph, KernelGroup.of("b", "depthwise"), "\"depthwise\" is not a plain convolution");
    assertMistake(
        graph,
        KernelGroup.of("b", "small"),
        "The kernel of \"small\" is [4, 4, 1, 1] and that of its parent \"b\" [4, 4, 3, 3]");
    assertMistake(graph, KernelGroup.of("b", "a", "a"), "Layer \"a\" is named twice");
    assertMistake(graph, KernelGroup.of("b"), "Parent \"b\" has no children");
    INDArray images = Graphs.batch(CNN2DFormat.NCHW, 20);
    assertThatThrownBy(() -> Adapter.builder().threshold(1).build().adapt(graph, images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "No convolution's CKA with its parent is at least 1.0, the highest is 0.\\d{3}:"
                + " give a lower threshold");
    assertThatThrownBy(() -> Adapter.builder().threshold(1.5).build().adapt(graph, images))
        .hasMessage("Threshold 1.5 cannot be used: give 0 to 1");
    ComputationGraph adapted = adapt(graph, CNN2DFormat.NCHW).graph();
    assertThatThrownBy(() -> Adapter.builder().build().adapt(adapted, images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("No two plain convolutions");
  }

  private static void assertMistake(ComputationGraph graph, KernelGroup group, String message) {
    Adapter adapter = Adapter.builder().group(group).build();
    assertThatThrownBy(() -> adapter.adapt(graph, Graphs.batch(CNN2DFormat.NCHW, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
