package org.kerneldna.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kerneldna.layers.Nets.CHANNELS;
import static org.kerneldna.layers.Nets.assertClose;
import static org.kerneldna.layers.Nets.child;
import static org.kerneldna.layers.Nets.parent;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A graph that shares a kernel against the same graph with a copy of the kernel in each layer. */
class SharingTest {

  private static final String KERNEL = "middle-kernel_W";

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void theKernelsGradientIsTheSumOverItsUsers(CNN2DFormat format) {
    ComputationGraph shared = Nets.randomized(Nets.shared(Nets.options(DataType.DOUBLE), format));
    ComputationGraph unshared = unshared(format);
    unshared
        .paramTable()
        .forEach((name, param) -> param.assign(shared.getParam(nameInShared(name))));

    DataSet data = Nets.labelled(DataType.DOUBLE, format, 5);
    assertClose(
        shared.outputSingle(data.getFeatures()), unshared.outputSingle(data.getFeatures()), 1e-12);

    Nets.gradient(shared, data);
    Nets.gradient(unshared, data);
    Map<String, INDArray> ofShared = shared.gradient().gradientForVariable();
    Map<String, INDArray> ofUnshared = unshared.gradient().gradientForVariable();
    assertClose(
        ofShared.get(KERNEL),
        ofUnshared.get("first_W").add(ofUnshared.get("middle_W")).add(ofUnshared.get("last_W")),
        1e-10);
    ofUnshared.forEach(
        (name, gradient) -> {
          String inShared = nameInShared(name);
          if (!inShared.equals(KERNEL) && !Nets.isStatistic(name)) {
            assertClose(ofShared.get(inShared), gradient, 1e-10);
          }
        });

    shared.fit(data);
    unshared.fit(data);
    unshared
        .paramTable()
        .forEach(
            (name, value) -> {
              if (Nets.isStatistic(name)) {
                assertClose(shared.getParam(nameInShared(name)), value, 1e-10);
              }
            });
  }

  @Test
  void theKernelIsCountedOnce() {
    long kernel = CHANNELS * CHANNELS * 9;
    ComputationGraph shared =
        Nets.init(Nets.shared(Nets.options(DataType.FLOAT), CNN2DFormat.NCHW));
    assertThat(unshared(CNN2DFormat.NCHW).numParams() - shared.numParams()).isEqualTo(2 * kernel);

    long gate = 2 * CHANNELS + 4 * 2 + CHANNELS * 2 + CHANNELS;
    long modulation = 9 + CHANNELS;
    long norm = 4 * CHANNELS;
    long output = CHANNELS * Nets.CLASSES + Nets.CLASSES;
    assertThat(shared.numParams())
        .isEqualTo(kernel + 2 * (gate + modulation) + CHANNELS + norm + output);
  }

  @Test
  void theKernelsFormalInputMayBeAnything() {
    ComputationGraph imagesFirst = withVectors("images", "vectors");
    ComputationGraph vectorsFirst = withVectors("vectors", "images");
    imagesFirst.paramTable().forEach(vectorsFirst::setParam);
    DataSet data = Nets.labelled(DataType.DOUBLE, CNN2DFormat.NCHW, 5);
    INDArray images = data.getFeatures();
    INDArray vectors = Nets.randn(DataType.DOUBLE, 2, 5, 3);
    INDArray[] labels = {data.getLabels()};

    imagesFirst.fit(new INDArray[] {images, vectors}, labels);
    vectorsFirst.fit(new INDArray[] {vectors, images}, labels);
    imagesFirst
        .paramTable()
        .forEach((name, param) -> assertClose(vectorsFirst.getParam(name), param, 1e-12));
  }

  private static ComputationGraph withVectors(String... inputs) {
    InputType[] types =
        Arrays.stream(inputs)
            .map(
                input ->
                    input.equals("images")
                        ? Nets.images(CNN2DFormat.NCHW)
                        : InputType.feedForward(3))
            .toArray(InputType[]::new);
    GraphBuilder graph =
        Nets.options(DataType.DOUBLE)
            .graphBuilder()
            .addInputs(inputs)
            .setInputTypes(types)
            .addLayer("pool", new GlobalPoolingLayer(), "parent")
            .addVertex("merge", new MergeVertex(), "pool", "vectors")
            .addLayer("out", Nets.output().build(), "merge")
            .setOutputs("out");
    return Nets.randomized(
        KernelDNA.on(graph)
            .child("child", "parent", child().build(), "images")
            .parent("parent", parent().build(), "child")
            .build());
  }

  private static ComputationGraph unshared(CNN2DFormat format) {
    return Nets.init(
        Nets.graph(Nets.options(DataType.DOUBLE), format)
            .addLayer("first", child().build(), "in")
            .addLayer("norm", new BatchNorm.Builder().build(), "first")
            .addLayer("middle", parent().build(), "norm")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "middle")
            .addLayer("last", child().hasBias(true).activation(Activation.TANH).build(), "sum")
            .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "last")
            .addLayer("out", Nets.output().build(), "pool")
            .setOutputs("out")
            .build());
  }

  private static String nameInShared(String name) {
    return name.replaceFirst(".*_W$", name.startsWith("out") ? name : KERNEL)
        .replaceFirst("_([sf])$", "-kernel_$1")
        .replaceFirst("_gate", "-gate_gate")
        .replaceFirst("last_b", "last-bias_b");
  }
}
