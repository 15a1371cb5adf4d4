package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A factor per channel, forward and backward, on [N, C], [N, C, H, W] or [N, H, W, C]. */
public final class ChannelScale {

  private final Channels channels;

  public ChannelScale(CNN2DFormat format) {
    this.channels = new Channels(format);
  }

  /** Computes {@code out = x * gamma}. */
  public INDArray forward(INDArray x, INDArray gamma, INDArray out) {
    return channels.multiply(x, gamma, out);
  }

  /**
   * Computes the gradients.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   * @param gradGamma receives the gradient of {@code gamma}
   */
  public void backward(
      INDArray x, INDArray gamma, INDArray gradOut, INDArray gradX, INDArray gradGamma) {
    channels.sumOfProducts(gradOut, x, gradGamma);
    forward(gradOut, gamma, gradX);
  }
}
