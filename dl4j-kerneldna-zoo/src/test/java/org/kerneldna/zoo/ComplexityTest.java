package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kerneldna.graph.count.Complexity;
import org.kerneldna.graph.count.LayerComplexity;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.KernelDNAConvolution;
import org.nd4j.linalg.activations.Activation;

class ComplexityTest {

  @Test
  void countsLayersOutsideTheZooToo() {
    InputType images = InputType.convolutional(10, 12, 8);
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(images)
            .addLayer(
                "conv",
                new KernelDNAConvolution.Builder(3, 3).nOut(16).stride(2, 2).padding(1, 1).build(),
                "images")
            .addLayer("norm", new BatchNormalization(), "conv")
            .addLayer("depthwise", new DepthwiseConvolution2D.Builder(3, 3).build(), "norm")
            .addLayer("pool", new GlobalPoolingLayer(), "depthwise")
            .addLayer("output", new OutputLayer.Builder().nOut(4).build(), "pool")
            .setOutputs("output")
            .build();

    long kernel = 16 * 8 * 9;
    long gate = 2 * 8 * 2;
    long gateVectors = 2 + 2 + 8;
    long depthwise = 16 * 9;
    long linear = 16 * 4;
    assertThat(Complexity.of(conf, images))
        .isEqualTo(
            new Complexity(
                kernel + 16 + 9 + 16 + gate + gateVectors + 2 * 16 + depthwise + 16 + linear + 4,
                kernel * 5 * 6 + gate + depthwise * 3 * 4 + linear));
  }

  @Test
  void listsEveryVertexWithItsShare() {
    InputType images = InputType.convolutional(10, 12, 8, CNN2DFormat.NHWC);
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .activation(Activation.IDENTITY)
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(images)
            .addVertex("sum", new ElementWiseVertex(Op.Add), "child", "parent")
            .addLayer("pool", new GlobalPoolingLayer(), "sum")
            .addLayer("output", new OutputLayer.Builder().nOut(4).build(), "pool")
            .setOutputs("output");
    ComputationGraphConfiguration conf =
        KernelDNA.on(graph)
            .parent("parent", sameSize(new Convolution.Builder(3, 3)).build(), "images")
            .child(
                "child",
                "parent",
                sameSize(new KernelDNAConvolution.Builder(3, 3)).build(),
                "images")
            .build();

    long kernel = 8 * 8 * 9;
    long gate = 2 * 8 * 2;
    List<Long> activations = List.of(10L, 12L, 8L);
    List<Long> kernelShape = List.of(8L, 8L, 3L, 3L);
    assertThat(Complexity.byLayer(conf, images))
        .containsExactlyInAnyOrder(
            new LayerComplexity("parent-kernel", "ParentKernel", kernelShape, kernel, 0),
            new LayerComplexity("parent", "SharedConvolution", activations, 0, kernel * 10 * 12),
            new LayerComplexity("child-kernel", "ChildKernel", kernelShape, 9 + 8, 0),
            new LayerComplexity("child-gate", "SqueezeExcitation", activations, gate + 12, gate),
            new LayerComplexity("child", "SharedConvolution", activations, 0, kernel * 10 * 12),
            new LayerComplexity("sum", "ElementWiseVertex", activations, 0, 0),
            new LayerComplexity("pool", "GlobalPoolingLayer", List.of(8L), 0, 0),
            new LayerComplexity("output", "OutputLayer", List.of(4L), 8 * 4 + 4, 8 * 4));
  }

  private static <T extends ConvolutionLayer.BaseConvBuilder<T>> T sameSize(T convolution) {
    return convolution.padding(1, 1).nOut(8).hasBias(false);
  }

  @Test
  void everyVertexIsListedOnceUnderItsName() {
    ComputationGraphConfiguration conf =
        KernelDNAResNet18.builder().width(0.125).inputShape(new int[] {3, 32, 32}).build().conf();
    assertThat(Complexity.byLayer(conf, InputType.convolutional(32, 32, 3)))
        .extracting(LayerComplexity::vertex)
        .containsExactlyElementsOf(conf.getVertices().keySet());
  }

  /** Transfer learning wraps vertices and layers, and freezing changes no size. */
  @Test
  void aFrozenNetworkIsAsLarge() {
    ComputationGraph graph =
        KernelDNAResNet18.builder().width(0.125).inputShape(new int[] {3, 32, 32}).build().init();
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(graph).setFeatureExtractor("avgpool").build();
    InputType images = InputType.convolutional(32, 32, 3);

    assertThat(Complexity.byLayer(frozen, images)).isEqualTo(Complexity.byLayer(graph, images));
  }

  /** Every parameter belongs to a vertex once; what is not learned is a running statistic. */
  @ParameterizedTest
  @EnumSource
  void countsEveryParameter(Architecture architecture) {
    for (boolean customize : new boolean[] {false, true}) {
      ZooNetwork model = architecture.builder(customize).width(0.1).build();
      ComputationGraph graph = model.init();
      long statistics =
          graph.paramTable().entrySet().stream()
              .filter(p -> p.getKey().matches(".*_(mean|var|gateMean|gateVar)"))
              .mapToLong(p -> p.getValue().length())
              .sum();
      assertThat(Complexity.of(graph, model.inputType()).parameters())
          .isEqualTo(graph.numParams() - statistics);
    }
  }
}
