package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

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
  public record Moments(INDArray mean, INDArray variance) {}

  /**
   * Mean and biased variance of a batch.
   *
   * @param scratch an array of the shape of {@code x}, overwritten
   */
  public Moments moments(INDArray x, INDArray scratch) {
    double samples = channels.samples(x);
    INDArray mean = channels.sum(x).divi(samples);
    return new Moments(mean, channels.sumOfSquares(x, mean, scratch).divi(samples));
  }

  /** Normalises {@code x} into {@code out}. */
  public INDArray forward(INDArray x, Moments m, INDArray gamma, INDArray beta, INDArray out) {
    INDArray scale = vector(gamma).mul(inverseStd(m));
    INDArray offset = vector(beta).sub(vector(m.mean).mul(scale));
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
   * @param scratch an array of the shape of {@code x}, overwritten
   */
  public void backward(
      INDArray x,
      Moments m,
      boolean ofBatch,
      INDArray gamma,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta,
      INDArray scratch) {
    INDArray inverseStd = inverseStd(m);
    INDArray mean = vector(m.mean);
    INDArray sumOfGrad = channels.sum(gradOut);
    INDArray sumOfGradTimesNormalised =
        channels.sumOfProducts(gradOut, x, mean, scratch).muli(inverseStd);
    gradBeta.assign(sumOfGrad.reshape(gradBeta.shape()));
    gradGamma.assign(sumOfGradTimesNormalised.reshape(gradGamma.shape()));

    INDArray scale = vector(gamma).mul(inverseStd);
    if (!ofBatch) {
      channels.multiply(gradOut, scale, gradX);
      return;
    }
    INDArray perSample = scale.div(-channels.samples(x));
    INDArray slope = sumOfGradTimesNormalised.muli(perSample).muli(inverseStd);
    INDArray offset = sumOfGrad.muli(perSample).subi(slope.mul(mean));
    channels.combine(gradOut, scale, x, slope, offset, gradX, scratch);
  }

  /**
   * What to subtract from the running statistics after a batch, so that {@code running = decay *
   * running + (1 - decay) * batch}: DL4J keeps the statistics as parameters and takes this for
   * their gradient.
   *
   * @param samples numbers per channel in the batch, N * H * W
   */
  public static void runningUpdate(
      Moments running, Moments batch, double decay, long samples, Moments update) {
    INDArray unbiased = batch.variance.mul(samples / (samples - 1.0));
    difference(running.mean, batch.mean, decay, update.mean);
    difference(running.variance, unbiased, decay, update.variance);
  }

  private static void difference(INDArray running, INDArray batch, double decay, INDArray out) {
    out.assign(running).subi(batch.reshape(out.shape())).muli(1 - decay);
  }

  private INDArray inverseStd(Moments m) {
    return Transforms.sqrt(vector(m.variance).add(eps), false).rdivi(1);
  }

  private static INDArray vector(INDArray x) {
    return x.reshape(x.length());
  }
}
