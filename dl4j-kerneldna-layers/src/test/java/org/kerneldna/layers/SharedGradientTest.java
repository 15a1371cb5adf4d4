package org.kerneldna.layers;

import static org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.labelled;
import static org.kerneldna.layers.Nets.parent;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Graphs that share a kernel in every way that a network may. */
class SharedGradientTest {

  /** Where the users of a kernel stand; each ends in a vertex called {@code end}. */
  private enum Sharing {
    CHILD_BEFORE_PARENT(
        graph ->
            KernelDNA.on(graph)
                .child("child", "end", child().build(), "stem")
                .parent("end", parent().build(), "child")),
    CHILD_AFTER_PARENT(
        graph ->
            KernelDNA.on(graph)
                .parent("parent", parent().build(), "stem")
                .child("end", "parent", child().build(), "parent")),
    CHILD_ON_EACH_SIDE(
        graph ->
            KernelDNA.on(graph)
                .child("before", "parent", child().spatialModulation(false).build(), "stem")
                .parent("parent", parent().build(), "before")
                .child("end", "parent", child().noGate().stride(2, 2).build(), "parent")),
    CHILD_OF_THE_UNMODULATED_KERNEL(
        graph ->
            KernelDNA.on(graph)
                .child(
                    "child",
                    "end",
                    child().spatialModulation(false).filterModulation(false).noGate().build(),
                    "stem")
                .parent("end", parent().build(), "child")),
    BIAS_AND_ACTIVATION(
        graph ->
            KernelDNA.on(graph)
                .parent(
                    "parent",
                    parent().hasBias(true).activation(Activation.ELU).stride(2, 2).build(),
                    "stem")
                .child(
                    "end",
                    "parent",
                    child().hasBias(true).activation(Activation.TANH).build(),
                    "parent")),
    RESIDUAL_ADD(
        graph ->
            KernelDNA.on(
                    graph.addVertex("end", new ElementWiseVertex(Add), "stem", "child", "parent"))
                .child("child", "parent", child().build(), "stem")
                .parent("parent", parent().build(), "stem")),
    CHILD_ON_THE_NETWORKS_INPUT(
        graph ->
            KernelDNA.on(
                    graph.addVertex(
                        "end", new ElementWiseVertex(Add), "ungated", "gated", "parent"))
                .child("ungated", "parent", child().noGate().build(), "in")
                .child("gated", "parent", child().build(), "in")
                .parent("parent", parent().build(), "stem")),
    TWO_PARENTS_ON_THE_NETWORKS_INPUT(
        graph ->
            KernelDNA.on(
                    graph.addVertex(
                        "end", new ElementWiseVertex(Add), "stem", "childOfOne", "childOfTwo"))
                .parent("one", parent().build(), "in")
                .parent("two", parent().build(), "in")
                .child("childOfOne", "one", child().build(), "two")
                .child("childOfTwo", "two", child().build(), "one"));

    private final Function<GraphBuilder, KernelDNA> wiring;

    Sharing(Function<GraphBuilder, KernelDNA> wiring) {
      this.wiring = wiring;
    }
  }

  @ParameterizedTest
  @EnumSource(Sharing.class)
  void channelsFirst(Sharing sharing) {
    check(sharing, CNN2DFormat.NCHW);
  }

  @ParameterizedTest
  @EnumSource(Sharing.class)
  void channelsLast(Sharing sharing) {
    check(sharing, CNN2DFormat.NHWC);
  }

  @Test
  void graphsTrainedInParallelDoNotDisturbEachOther() {
    DataSet data = labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 6);
    List<ComputationGraph> alone = IntStream.of(1, 2, 3).mapToObj(seed -> net(seed)).toList();
    List<ComputationGraph> together = IntStream.of(1, 2, 3).mapToObj(seed -> net(seed)).toList();

    alone.forEach(net -> train(net, data));
    CompletableFuture.allOf(
            together.stream()
                .map(net -> CompletableFuture.runAsync(() -> train(net, data)))
                .toArray(CompletableFuture[]::new))
        .join();

    for (int i = 0; i < alone.size(); i++) {
      assertClose(together.get(i).params(), alone.get(i).params(), 1e-10);
    }
  }

  private static ComputationGraph net(long seed) {
    return Nets.init(
        Nets.shared(
            Nets.options(DataType.DOUBLE).seed(seed).updater(new Sgd(0.1)), CNN2DFormat.NCHW));
  }

  private static void train(ComputationGraph net, DataSet data) {
    for (int step = 0; step < 10; step++) {
      net.fit(data.copy());
    }
  }

  private static void check(Sharing sharing, CNN2DFormat format) {
    GraphBuilder graph =
        Nets.graph(Nets.options(DataType.DOUBLE).l2(0.02), format)
            .addLayer(
                "stem",
                new ConvolutionLayer.Builder(1, 1)
                    .nOut(Nets.CHANNELS)
                    .activation(Activation.TANH)
                    .build(),
                "in")
            .addLayer("loss", new LossLayer.Builder(LossFunction.MSE).build(), "end")
            .setOutputs("loss");
    ComputationGraph net = Nets.randomized(sharing.wiring.apply(graph).build());
    INDArray input = Nets.batch(DataType.DOUBLE, format, 4);
    INDArray labels = Nets.randn(DataType.DOUBLE, 2, net.outputSingle(input).shape());
    Nets.assertGradients(net, new DataSet(input, labels));
  }
}
