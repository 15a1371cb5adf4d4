package org.kerneldna.train;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How long a network takes for a batch at inference.
 *
 * @param batchSize images of a batch
 * @param iterations batches that were timed
 * @param meanMs milliseconds of a batch
 * @param stdMs standard deviation of that, with n - 1; 0 of a single batch
 * @param imagesPerSecond at the mean
 */
public record Latency(
    int batchSize, int iterations, double meanMs, double stdMs, double imagesPerSecond) {

  /**
   * Measures {@code network} on random images, see {@link ForwardPasses}.
   *
   * @param imageSize side of the square RGB images, in pixels
   */
  public static Latency measure(
      UnaryOperator<INDArray> network, int imageSize, int batchSize, int iterations) {
    return of(batchSize, ForwardPasses.time(List.of(network), imageSize, batchSize, iterations)[0]);
  }

  static Latency of(int batchSize, double... milliseconds) {
    int n = milliseconds.length;
    double mean = DoubleStream.of(milliseconds).sum() / n;
    double squares = DoubleStream.of(milliseconds).map(ms -> (ms - mean) * (ms - mean)).sum();
    double std = Math.sqrt(squares / Math.max(1, n - 1));
    return new Latency(batchSize, n, mean, std, 1000 * batchSize / mean);
  }
}
