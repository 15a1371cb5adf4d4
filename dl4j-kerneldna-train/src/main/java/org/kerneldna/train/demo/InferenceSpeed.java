package org.kerneldna.train.demo;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.kerneldna.train.ForwardPasses;
import org.kerneldna.train.Median;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares networks by the images they classify in a second. */
@UtilityClass
class InferenceSpeed {

  private final int PASSES = 20;

  /** Images a second of each network, by its median pass. */
  double[] compare(List<ComputationGraph> graphs, int imageSize, int batchSize) {
    List<UnaryOperator<INDArray>> networks =
        graphs.stream().<UnaryOperator<INDArray>>map(graph -> graph::outputSingle).toList();
    return Stream.of(ForwardPasses.time(networks, imageSize, batchSize, PASSES))
        .mapToDouble(times -> 1000 * batchSize / Median.of(DoubleStream.of(times)))
        .toArray();
  }
}
