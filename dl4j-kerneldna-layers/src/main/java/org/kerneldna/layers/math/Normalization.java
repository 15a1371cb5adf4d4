package org.kerneldna.layers.math;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
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
  private final Rectifier after;

  public Normalization(CNN2DFormat format, double eps) {
    this(format, eps, null);
  }

  /**
   * @param after a function to apply to what was normalised, in the same passes; or null
   */
  public Normalization(CNN2DFormat format, double eps, Rectifier after) {
    this.channels = new Channels(format);
    this.eps = eps;
    this.after = after;
  }

  /** Mean and variance that activations are normalised with, each [C]. */
  public record Moments(double[] mean, double[] variance) {

    /** Those that two arrays hold. */
    public static Moments of(INDArray mean, INDArray variance) {
      return new Moments(Numbers.of(mean), Numbers.of(variance));
    }
  }

  /** All that makes up {@code y = x * scale + offset}; arrays are [C]. */
  record Parameters(Moments moments, double[] gamma, double[] beta, double eps) {

    double[] scale() {
      return eachChannel(c -> gamma[c] * inverseStd(c));
    }

    double[] offset() {
      return eachChannel(c -> beta[c] - moments.mean[c] * gamma[c] * inverseStd(c));
    }

    /**
     * Sets the gradients of gamma and beta.
     *
     * @param sums of the gradient of y
     * @param products of the gradient of y with {@code x - mean}, summed
     */
    void setGradients(double[] sums, double[] products, INDArray gradGamma, INDArray gradBeta) {
      Numbers.set(gradGamma, eachChannel(c -> products[c] * inverseStd(c)));
      Numbers.set(gradBeta, sums);
    }

    /**
     * Turns sums, as {@link #setGradients} takes them, into what mean and variance add to the
     * gradient of x: {@code (x - mean) * products + sums}.
     *
     * @param samples numbers per channel
     */
    void toGradientOfMoments(double[] sums, double[] products, double samples) {
      for (int c = 0; c < sums.length; c++) {
        double std = inverseStd(c);
        sums[c] *= -gamma[c] * std / samples;
        products[c] *= -gamma[c] * std * std * std / samples;
      }
    }

    private double inverseStd(int c) {
      return 1 / Math.sqrt(moments.variance[c] + eps);
    }

    private double[] eachChannel(IntToDoubleFunction function) {
      return IntStream.range(0, gamma.length).mapToDouble(function).toArray();
    }
  }

  /** Mean and biased variance of a batch. */
  public Moments moments(INDArray x) {
    INDArray in = Dense.operand(x);
    return channels.arithmetic(in).moments(in);
  }

  /** Normalises {@code x} into {@code out}. */
  public INDArray forward(INDArray x, Moments m, INDArray gamma, INDArray beta, INDArray out) {
    INDArray in = Dense.operand(x);
    INDArray y = Dense.result(out);
    channels.arithmetic(in).normalize(in, parameters(m, gamma, beta), after, y);
    return Dense.deliver(y, out);
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
      INDArray beta,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    INDArray in = Dense.operand(x);
    INDArray result = Dense.result(gradX);
    channels
        .arithmetic(in)
        .normalizeBackward(
            in,
            parameters(m, gamma, beta),
            after,
            ofBatch,
            Dense.operand(gradOut),
            result,
            gradGamma,
            gradBeta);
    Dense.deliver(result, gradX);
  }

  private Parameters parameters(Moments m, INDArray gamma, INDArray beta) {
    return new Parameters(m, Numbers.of(gamma), Numbers.of(beta), eps);
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

  private static double[] each(double[] values, DoubleUnaryOperator function) {
    return Arrays.stream(values).map(function).toArray();
  }
}
