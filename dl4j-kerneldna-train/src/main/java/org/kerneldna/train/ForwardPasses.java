package org.kerneldna.train;

import java.util.List;
import lombok.experimental.UtilityClass;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Times networks at inference on random images, which cost nothing to read. */
@UtilityClass
public class ForwardPasses {

  /** Passes before those that count: Java compiles, and memory is claimed. */
  public static final int WARM_UP = 10;

  /**
   * Milliseconds by [network][pass], after {@value #WARM_UP} passes that are not counted. The
   * networks take turns, so that whatever else the machine does slows all alike.
   *
   * @param imageSize side of the square RGB images, in pixels
   * @param batchSize images of each pass
   * @param passes how many count
   */
  public double[][] time(List<ComputationGraph> graphs, int imageSize, int batchSize, int passes) {
    INDArray batch = Nd4j.rand(batchSize, 3, imageSize, imageSize);
    double[][] milliseconds = new double[graphs.size()][passes];
    for (int pass = -WARM_UP; pass < passes; pass++) {
      for (int i = 0; i < graphs.size(); i++) {
        double time = time(graphs.get(i), batch);
        if (pass >= 0) {
          milliseconds[i][pass] = time;
        }
      }
    }
    return milliseconds;
  }

  private double time(ComputationGraph graph, INDArray batch) {
    long start = System.nanoTime();
    graph.outputSingle(batch);
    // A GPU works on when its host goes on.
    Nd4j.getExecutioner().commit();
    return (System.nanoTime() - start) / 1e6;
  }
}
