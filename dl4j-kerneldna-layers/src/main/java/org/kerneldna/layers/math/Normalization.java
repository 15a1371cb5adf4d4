package org.kerneldna.layers.math;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation as PyTorch computes it, forward and backward, on [N, C], [N, C, H, W] or [N,
 * H, W, C]:
 *
 * <pre>y = gamma * (x - mean) / sqrt(variance + eps) + beta</pre>
 *
 * with the biased variance of the batch in training and the running statistics elsewhere; the
 * running variance follows the unbiased one.
 */
public final class Normalization {

  private final Channels channels;
  private final double eps;

  public Normalization(CNN2DFormat format, double eps) {
    this.channels = new Channels(format);
    this.eps = eps;
  }

  /** Mean and variance that activations are normalised with, each [C]. */
  public record Moments(double[] mean, double[] variance) {

    /** Those that two arrays hold. */
    public static Moments of(INDArray mean, INDArray variance) {
      return new Moments(Numbers.of(mean), Numbers.of(variance));
    }
  }

  /** Mean and biased variance of a batch. */
  public Moments moments(INDArray x) {
    double samples = channels.samples(x);
    double[] mean = each(channels.sum(x), sum -> sum / samples);
    return new Moments(mean, each(channels.sumOfSquares(x, mean), sum -> sum / samples));
  }

  /** Normalises {@code x} into {@code out}. */
  public INDArray forward(INDArray x, Moments m, INDArray gamma, INDArray beta, INDArray out) {
    double[] scale = scale(m, gamma);
    double[] offset = Numbers.of(beta);
    for (int c = 0; c < offset.length; c++) {
      offset[c] -= m.mean[c] * scale[c];
    }
    return channels.scale(x, scale, offset, out);
  }

  /**
   * Computes the gradients.
   *
   * @param ofBatch whether {@code m} are the moments of {@code x}, and so depend on it; else
   *     constants
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   * @param gradGamma receives the gradient of {@code gamma}
   * @param gradBeta receives the gradient of {@code beta}
   */
  public void backward(
      INDArray x,
      Moments m,
      boolean ofBatch,
      INDArray gamma,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    double[] scale = scale(m, gamma);
    double[] offset = channels.sum(gradOut);
    double[] slope = channels.sumOfProducts(gradOut, x, m.mean);
    Numbers.set(gradBeta, offset);
    for (int c = 0; c < slope.length; c++) {
      slope[c] *= inverseStd(m, c);
    }
    Numbers.set(gradGamma, slope);
    if (!ofBatch) {
      channels.scale(gradOut, scale, Channels.NO_OFFSET, gradX);
      return;
    }
    double samples = channels.samples(x);
    for (int c = 0; c < slope.length; c++) {
      slope[c] *= -scale[c] * inverseStd(m, c) / samples;
      offset[c] = -offset[c] * scale[c] / samples - slope[c] * m.mean[c];
    }
    channels.combine(gradOut, scale, x, slope, offset, gradX);
  }

  /**
   * What to subtract from the running statistics after a batch, so that {@code running = decay *
   * running + (1 - decay) * batch}: DL4J keeps the statistics as parameters and takes this for
   * their gradient.
   *
   * @param samples numbers per channel in the batch, N * H * W
   * @param mean receives it for the running mean
   * @param variance receives it for the running variance
   */
  public static void runningUpdate(
      Moments running,
      Moments batch,
      double decay,
      long samples,
      INDArray mean,
      INDArray variance) {
    double[] unbiased = each(batch.variance, v -> v * samples / (samples - 1.0));
    Numbers.set(mean, difference(running.mean, batch.mean, decay));
    Numbers.set(variance, difference(running.variance, unbiased, decay));
  }

  private static double[] difference(double[] running, double[] batch, double decay) {
    double[] difference = new double[running.length];
    for (int c = 0; c < difference.length; c++) {
      difference[c] = (running[c] - batch[c]) * (1 - decay);
    }
    return difference;
  }

  private double[] scale(Moments m, INDArray gamma) {
    double[] scale = Numbers.of(gamma);
    for (int c = 0; c < scale.length; c++) {
      scale[c] *= inverseStd(m, c);
    }
    return scale;
  }

  private double inverseStd(Moments m, int c) {
    return 1 / Math.sqrt(m.variance[c] + eps);
  }

  private static double[] each(double[] values, DoubleUnaryOperator function) {
    return Arrays.stream(values).map(function).toArray();
  }
}
