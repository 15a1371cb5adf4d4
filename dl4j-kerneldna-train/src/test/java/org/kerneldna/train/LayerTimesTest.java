package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.junit.jupiter.api.Test;
import org.kerneldna.train.LayerTimes.LayerTime;
import org.kerneldna.train.io.InputException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class LayerTimesTest {

  @Test
  void everyVertexIsTimedAndTheGraphIsLeftAsItWas() {
    ComputationGraph graph = SmallGraph.create(16, 2, Recipe.of("resnet18"));
    INDArray parameters = graph.params().dup();
    GraphVertex[] vertices = graph.getVertices().clone();
    DataSet batch = new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2));
    List<LayerTime> times = LayerTimes.measure(graph, Collections.nCopies(5, batch).iterator(), 3);
    assertThat(times)
        .extracting(LayerTime::vertex)
        .containsExactlyInAnyOrder("conv", "bn", "pool", "dropout", "fc");
    assertThat(times).allMatch(time -> time.forwardMs() > 0 && time.backwardMs() > 0);
    assertThat(times)
        .extracting(LayerTime::kind)
        .contains("ConvolutionLayer", "BatchNormalization", "DenseLayer");
    assertThat(graph.params()).isEqualTo(parameters);
    assertThat(graph.getVertices()).isEqualTo(vertices);
  }

  @Test
  void tooFewBatchesAreNoTimesOfZero() {
    ComputationGraph graph = SmallGraph.create(16, 2, Recipe.of("resnet18"));
    DataSet batch = new DataSet(Nd4j.rand(4, 3, 16, 16), Nd4j.eye(2).repeat(0, 2));
    assertThatThrownBy(() -> LayerTimes.measure(graph, Collections.nCopies(2, batch).iterator(), 3))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "profiling needs more than 2 batches of readable images: give more images, or a smaller --batch-size");
  }
}
