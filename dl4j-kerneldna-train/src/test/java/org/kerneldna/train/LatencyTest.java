package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class LatencyTest {

  private static final int IMAGE_SIZE = 8;

  private final ComputationGraph graph = SmallGraph.create(IMAGE_SIZE, 3, Recipe.of("resnet18"));

  @Test
  void meanDeviationAndThroughput() {
    assertThat(Latency.of(8, 10, 20, 30, 20, 20, 20))
        .isEqualTo(new Latency(8, 6, 20, Math.sqrt(200.0 / 5), 400));
  }

  @Test
  void aSingleBatchDoesNotDeviate() {
    assertThat(Latency.of(2, 5)).isEqualTo(new Latency(2, 1, 5, 0, 400));
  }

  @Test
  void timesAsManyBatchesAsAskedFor() {
    Latency latency = Latency.measure(graph::outputSingle, IMAGE_SIZE, 4, 3);
    assertThat(latency.batchSize()).isEqualTo(4);
    assertThat(latency.iterations()).isEqualTo(3);
    assertThat(latency.meanMs()).isPositive();
    assertThat(latency.imagesPerSecond() * latency.meanMs()).isEqualTo(4000, within(1e-6));
  }

  @Test
  void everyPassOfEveryNetworkIsTimed() {
    ComputationGraph other = SmallGraph.create(IMAGE_SIZE, 5, Recipe.of("resnet18"));
    double[][] times =
        ForwardPasses.time(List.of(graph::outputSingle, other::outputSingle), IMAGE_SIZE, 2, 3);
    assertThat(times).hasDimensions(2, 3);
    assertThat(Stream.of(times).flatMapToDouble(DoubleStream::of)).allMatch(ms -> ms > 0);
  }

  @Test
  void measuringTrainsNothing() {
    INDArray before = graph.params().dup();
    Latency.measure(graph::outputSingle, IMAGE_SIZE, 4, 2);
    assertThat(graph.params()).isEqualTo(before);
  }
}
