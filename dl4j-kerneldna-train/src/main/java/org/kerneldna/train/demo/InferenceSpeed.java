package org.kerneldna.train.demo;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares networks by the images they classify in a second. */
@UtilityClass
class InferenceSpeed {

  private final int WARM_UP = 5;
  private final int ROUNDS = 20;

  /**
   * Images a second of each network. They take turns, so that whatever else the machine does slows
   * all alike.
   */
  double[] compare(List<ComputationGraph> graphs, int imageSize, int batchSize) {
    INDArray batch = Nd4j.rand(batchSize, 3, imageSize, imageSize);
    double[][] seconds = new double[graphs.size()][ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int i = 0; i < graphs.size(); i++) {
        long start = System.nanoTime();
        graphs.get(i).outputSingle(batch);
        if (round >= 0) {
          seconds[i][round] = (System.nanoTime() - start) / 1e9;
        }
      }
    }
    return Stream.of(seconds)
        .mapToDouble(times -> batchSize / Median.of(DoubleStream.of(times)))
        .toArray();
  }
}
