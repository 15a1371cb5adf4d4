package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A program's numbers live as long as the program, wherever it was read. */
class MemoryTest {

  private final ComputationGraph images =
      LayerReadersTest.graph(
          LayerReadersTest.list()
              .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
              .layer(new BatchNormalization())
              .layer(new DepthwiseConvolution2D.Builder(2, 2).depthMultiplier(2).build())
              .layer(new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).build())
              .layer(new OutputLayer.Builder().nOut(3).build())
              .setInputType(InputType.convolutional(6, 5, 2)));

  @Test
  void outlivesAPointerScope() {
    INDArray x = Agreement.numbers(2, 2, 6, 5);
    Program program;
    try (PointerScope scope = new PointerScope()) {
      program = compiled(images);
    }
    reuse();
    same(program, images, x);
  }

  @Test
  void outlivesAWorkspace() {
    WorkspaceConfiguration conf =
        WorkspaceConfiguration.builder()
            .initialSize(10_000_000)
            .policyLearning(LearningPolicy.NONE)
            .build();
    INDArray x = Agreement.numbers(2, 2, 6, 5);
    Program program;
    try (MemoryWorkspace scope =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "around")) {
      program = compiled(images);
    }
    try (MemoryWorkspace scope =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "around")) {
      Nd4j.ones(DataType.FLOAT, 2_000_000);
    }
    same(program, images, x);
  }

  @Test
  void isNotWrittenToByTraining() {
    INDArray x = Agreement.numbers(2, 2, 6, 5);
    INDArray before = images.output(x)[0].dup();
    Program program = compiled(images);
    images.params().muli(0.5);
    INDArray after = Interpreter.outputs(program, x).get(0).castTo(DataType.FLOAT);
    assertThat(after.equalsWithEps(before, 1e-5)).isTrue();
  }

  private static Program compiled(ComputationGraph graph) {
    return Folding.of(Inference.of(GraphReader.read(graph)));
  }

  /** Fills memory that was freed with other numbers. */
  private static void reuse() {
    for (int i = 1; i < 2000; i++) {
      Nd4j.valueArrayOf(new long[] {i}, 1e9);
    }
  }

  private static void same(Program program, ComputationGraph graph, INDArray x) {
    INDArray expected = graph.output(x)[0];
    INDArray actual = Interpreter.outputs(program, x).get(0).castTo(DataType.FLOAT);
    assertThat(actual.equalsWithEps(expected, 1e-5)).isTrue();
  }
}
