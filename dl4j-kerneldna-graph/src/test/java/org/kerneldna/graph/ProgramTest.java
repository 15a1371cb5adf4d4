package org.kerneldna.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.kerneldna.graph.Operation.Convolution;
import org.kerneldna.graph.Operation.Parameter;
import org.kerneldna.graph.pass.Folding;
import org.kerneldna.graph.pass.Fusion;
import org.kerneldna.graph.pass.Inference;
import org.kerneldna.graph.read.GraphReader;
import org.nd4j.linalg.activations.Activation;

class ProgramTest {

  @Test
  void readsFoldsAndFuses() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 3, CNN2DFormat.NHWC))
                .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("drop", new DropoutLayer(0.5), "a")
                .addLayer("b", new ConvolutionLayer.Builder(1, 1).nOut(4).build(), "drop")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "sum")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
                    "relu")
                .setOutputs("out")
                .build());
    graph.init();
    Program read = GraphReader.read(graph);
    Program folded = Folding.of(Inference.of(read));
    var shapes = Shapes.of(folded, null, new long[] {2, 8, 8, 3});
    Program fused = Fusion.of(folded, shapes);

    assertThat(shapes.get("out")).containsExactly(2, 2);
    assertThat(
            fused.nodes().stream()
                .filter(n -> !(n.operation() instanceof Parameter))
                .map(Node::name))
        .containsExactly("in:nchw", "a", "relu", "relu:nhwc", "out:flat", "out:linear", "out");
    Node relu = fused.byName().get("relu");
    assertThat(relu.inputs()).isEqualTo(List.of("a", "b:W", "b:b", "a"));
    assertThat(((Convolution) relu.operation()).act()).isEqualTo(Nonlinearity.RELU);
  }

  /** A layer that takes channels last tells it of the network's input, and so of all beside it. */
  @Test
  void imagesThatPassElementwiseFunctionsFirstAreChannelsLastToo() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 5, 2, CNN2DFormat.NHWC))
                .addLayer("relu", new ActivationLayer(Activation.RELU), "in")
                .addLayer("conv", new ConvolutionLayer.Builder(1, 1).nOut(2).build(), "relu")
                .addVertex(
                    "out", new ElementWiseVertex(ElementWiseVertex.Op.Product), "relu", "conv")
                .setOutputs("out", "relu")
                .build());
    graph.init();

    Program program = GraphReader.read(graph);

    assertThat(program.outputs()).containsExactly("out:nhwc", "relu:nhwc");
    assertThat(Shapes.of(program, null, new long[] {3, 6, 5, 2}).get("out"))
        .containsExactly(3, 2, 6, 5);
  }

  /** A constant may not take the name of a vertex, which may be what a constant is called. */
  @Test
  void verticesMayBeNamedLikeConstants() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("norm:bias")
                .setInputTypes(InputType.convolutional(5, 4, 3))
                .addLayer("conv", new ConvolutionLayer.Builder(2, 2).nOut(3).build(), "norm:bias")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer("again:scale", new ActivationLayer(Activation.TANH), "norm")
                .addLayer("again", new BatchNormalization(), "again:scale")
                .setOutputs("again")
                .build());

    Agreement.of(Agreement.filled(graph), Agreement.numbers(2, 3, 5, 4));
  }

  @Test
  void refusesAGraphThatIsNotInitialised() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "in")
                .setOutputs("out")
                .build());

    assertThatThrownBy(() -> GraphReader.read(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("init()");
  }
}
