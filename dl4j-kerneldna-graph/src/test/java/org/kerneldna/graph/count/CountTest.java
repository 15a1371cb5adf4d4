package org.kerneldna.graph.count;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.junit.jupiter.api.Test;

class CountTest {

  @Test
  void countsOneStepOfSeriesOfUnknownLength() {
    ComputationGraphConfiguration conf =
        graph("series")
            .addLayer("lstm", new LSTM.Builder().nIn(5).nOut(7).build(), "series")
            .addLayer("output", new RnnOutputLayer.Builder().nIn(7).nOut(3).build(), "lstm")
            .setOutputs("output")
            .build();

    assertThat(Complexity.of(conf, InputType.recurrent(5)).macs()).isEqualTo(7 * 3);
    assertThat(Complexity.of(conf, InputType.recurrent(5, 11)).macs()).isEqualTo(7 * 3 * 11);
  }

  /** As triplet networks do: one branch, once for each of several images. */
  @Test
  void countsABranchForEachOfTheInputsThatAreStackedForIt() {
    InputType rows = InputType.feedForward(8);
    Layer branch = new DenseLayer.Builder().nIn(8).nOut(3).build();
    ComputationGraphConfiguration conf =
        graph("a", "b")
            .addVertex("stacked", new StackVertex(), "a", "b")
            .addLayer("branch", branch, "stacked")
            .addVertex("of a", new UnstackVertex(0, 2), "branch")
            .addVertex("of b", new UnstackVertex(1, 2), "branch")
            .addVertex("distance", new L2Vertex(), "of a", "of b")
            .addLayer("output", new OutputLayer.Builder().nIn(1).nOut(2).build(), "distance")
            .setOutputs("output")
            .build();

    assertThat(Complexity.of(conf, rows, rows))
        .isEqualTo(new Complexity(8 * 3 + 3 + 2 + 2, 2 * 8 * 3 + 2));
  }

  /** What DL4J computes in between keeps the stack. */
  @Test
  void countsStacksOfSeriesLikewise() {
    InputType series = InputType.recurrent(5, 4);
    ComputationGraphConfiguration conf =
        graph("a", "b")
            .addVertex("stacked", new StackVertex(), "a", "b")
            .addLayer("lstm", new LSTM.Builder().nIn(5).nOut(7).build(), "stacked")
            .addVertex("of a", new UnstackVertex(0, 2), "lstm")
            .addLayer("output", new RnnOutputLayer.Builder().nIn(7).nOut(3).build(), "of a")
            .setOutputs("output")
            .build();

    assertThat(Complexity.of(conf, series, series).macs()).isEqualTo(7 * 3 * 4);
  }

  private static GraphBuilder graph(String... inputs) {
    return new NeuralNetConfiguration.Builder().graphBuilder().addInputs(inputs);
  }
}
