package org.kerneldna.train;

import java.util.List;
import java.util.function.UnaryOperator;
import lombok.experimental.UtilityClass;
import org.kerneldna.train.Turns.Player;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Times networks at inference on random images, which cost nothing to read. */
@UtilityClass
public class ForwardPasses {

  /** Passes before those that count: Java compiles, and memory is claimed. */
  public static final int WARM_UP = 10;

  /**
   * Milliseconds by [network][pass], after {@value #WARM_UP} passes that are not counted. The
   * networks take {@link Turns}.
   *
   * @param imageSize side of the square RGB images, in pixels
   * @param batchSize images of each pass
   * @param passes how many count
   */
  public double[][] time(
      List<UnaryOperator<INDArray>> networks, int imageSize, int batchSize, int passes) {
    INDArray batch = Nd4j.rand(batchSize, 3, imageSize, imageSize);
    List<Player> players =
        networks.stream().map(network -> new Player(() -> network.apply(batch))).toList();
    return Turns.time(players, WARM_UP, passes);
  }
}
