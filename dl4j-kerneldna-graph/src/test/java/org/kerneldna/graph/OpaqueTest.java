package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.Operation.Opaque;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is left to DL4J computes as DL4J does, and says why it is. */
class OpaqueTest {

  private static final class OwnMerge extends MergeVertex {}

  private static final class OwnActivation extends ActivationLayer {
    private OwnActivation() {
      super(Activation.TANH);
    }
  }

  @Test
  void leavesSubclasses() {
    var builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(5, 4, 2))
            .addLayer("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).build(), "in")
            .addLayer("own", new OwnActivation(), "conv")
            .addVertex("merged", new OwnMerge(), "own", "conv")
            .setOutputs("merged");
    Program program =
        Agreement.of(
            Agreement.filled(new ComputationGraph(builder.build())), Agreement.numbers(2, 2, 5, 4));
    assertThat(Agreement.opaque(program)).isEqualTo(List.of("OwnActivation", "OwnMerge"));
    assertThat(reasons(program))
        .allMatch(reason -> reason.startsWith("no reader for org.kerneldna"));
  }

  @Test
  void leavesAGraphWithoutParameters() {
    var builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(3))
            .addLayer("own", new OwnActivation(), "in")
            .setOutputs("own");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    assertThat(Agreement.opaque(Agreement.of(graph, Agreement.numbers(2, 3))))
        .isEqualTo(List.of("OwnActivation"));
  }

  @Test
  void leavesLockedParametersThatDl4jMayPassOver() {
    var locked = new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).beta(0.5).build();
    Program program =
        Agreement.of(
            LayerReadersTest.graph(
                LayerReadersTest.list()
                    .layer(new ConvolutionLayer.Builder(2, 2).nOut(3).build())
                    .layer(locked)
                    .setInputType(InputType.convolutional(5, 4, 2))),
            Agreement.numbers(2, 2, 5, 4));
    assertThat(Agreement.opaque(program)).isEqualTo(List.of("BatchNormalization"));
  }

  /** A network's inputs have as many dimensions as they are given. */
  @Test
  void leavesWhatDependsOnUnknownDimensions() {
    var builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("a", "b")
            .addVertex("stack", new StackVertex(), "a", "b")
            .addVertex("unstack", new UnstackVertex(1, 2), "stack")
            .addVertex("unit", new L2NormalizeVertex(), "unstack")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "unit", "b")
            .setOutputs("sum");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    for (long[] shape :
        List.of(new long[] {2, 12}, new long[] {2, 3, 4}, new long[] {2, 3, 2, 2})) {
      Program program =
          Agreement.of(graph, Agreement.numbers(shape), Agreement.numbers(shape).neg());
      assertThat(Agreement.opaque(program))
          .isEqualTo(List.of("StackVertex", "UnstackVertex", "L2NormalizeVertex"));
    }
  }

  @Test
  void readsGraphsOfDoubles() {
    var builder =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.DOUBLE)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(5, 4, 2))
            .addLayer("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).dropOut(0.5).build(), "in")
            .addLayer("own", new OwnActivation(), "conv")
            .setOutputs("own");
    INDArray x = Agreement.numbers(2, 2, 5, 4);
    Program program = Agreement.of(Agreement.filled(new ComputationGraph(builder.build())), x);
    assertThat(Agreement.opaque(program)).isEqualTo(List.of("OwnActivation"));
  }

  private static List<String> reasons(Program program) {
    return program.nodes().stream()
        .filter(node -> node.operation() instanceof Opaque)
        .map(node -> ((Opaque) node.operation()).reason())
        .toList();
  }
}
