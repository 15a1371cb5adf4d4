package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Layer normalisation over the channels of each position, forward and backward, on [N, C], [N, C,
 * H, W] or [N, H, W, C]:
 *
 * <pre>y = gamma * (x - mean) / sqrt(variance + eps) + beta</pre>
 *
 * with mean and biased variance of the position's channels.
 *
 * <p>It works on arrays with the channels in dimension 1: [N, C, H * W], or [N * H * W, C] where
 * the channels are last.
 */
public final class ChannelNormalization {

  private final Channels channels;
  private final double eps;

  public ChannelNormalization(CNN2DFormat format, double eps) {
    this.channels = new Channels(format);
    this.eps = eps;
  }

  /**
   * What the positions were normalised with: [N, 1, H * W], or [N * H * W, 1].
   *
   * @param inverseStd 1 / sqrt(variance + eps)
   */
  public record Statistics(INDArray mean, INDArray inverseStd) {}

  /** Normalises {@code x} into {@code out}, returning the statistics it had. */
  public Statistics forward(INDArray x, INDArray gamma, INDArray beta, INDArray out) {
    INDArray in = channelsSecond(x);
    INDArray target = Dense.result(out);
    INDArray y = channelsSecond(target);
    INDArray mean = meanOverChannels(in);
    Ops.subtract(in, mean, y);
    INDArray inverseStd = inverseStd(y);
    Ops.multiply(y, inverseStd, y);
    Ops.multiply(y, perChannel(gamma, y), y);
    Ops.add(y, perChannel(beta, y), y);
    Dense.deliver(target, out);
    return new Statistics(mean, inverseStd);
  }

  /**
   * Computes the gradients.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   * @param gradGamma receives the gradient of {@code gamma}
   * @param gradBeta receives the gradient of {@code beta}
   * @param scratch an array of the shape of {@code x}, overwritten
   */
  public void backward(
      INDArray x,
      Statistics s,
      INDArray gamma,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta,
      INDArray scratch) {
    INDArray gradY = channelsSecond(gradOut);
    INDArray target = Dense.result(gradX);
    INDArray grad = channelsSecond(target);
    INDArray normalised = channelsSecond(Dense.result(scratch));
    Ops.subtract(channelsSecond(x), s.mean, normalised);
    Ops.multiply(normalised, s.inverseStd, normalised);

    channels.sum(gradOut, gradBeta);
    Ops.multiply(gradY, normalised, grad);
    channels.sum(target, gradGamma);

    INDArray scale = perChannel(gamma, gradY);
    INDArray slope = meanOverChannels(Ops.multiply(grad, scale, grad));
    INDArray offset = meanOverChannels(Ops.multiply(gradY, scale, grad));
    Ops.subtract(grad, offset, grad);
    Ops.subtract(grad, Ops.multiply(normalised, slope, normalised), grad);
    Ops.multiply(grad, s.inverseStd, grad);
    Dense.deliver(target, gradX);
  }

  private INDArray channelsSecond(INDArray x) {
    long c = channels.count(x);
    INDArray dense = Dense.operand(x);
    return x.rank() == 4 && channels.axis(x) == 1
        ? dense.reshape('c', x.size(0), c, -1)
        : dense.reshape('c', -1, c);
  }

  private static INDArray meanOverChannels(INDArray x) {
    return x.sum(true, 1).divi(x.size(1));
  }

  private INDArray inverseStd(INDArray centred) {
    INDArray squares = Nd4j.getExecutioner().exec(new SquaredNorm(centred, true, 1));
    return Transforms.sqrt(squares.divi(centred.size(1)).addi(eps), false).rdivi(1);
  }

  private static INDArray perChannel(INDArray values, INDArray x) {
    return x.rank() == 2
        ? values.reshape(1, values.length())
        : values.reshape(1, values.length(), 1);
  }
}
