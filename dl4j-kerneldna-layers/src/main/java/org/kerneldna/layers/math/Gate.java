package org.kerneldna.layers.math;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.layers.math.Normalization.Moments;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The squeeze-and-excitation gate by which a child routes its input (KernelDNA, arXiv 2503.23379,
 * dynamic routing):
 *
 * <pre>y = x * g,   g = sigmoid(W2 . relu(BN(W1 . mean(x))) + b2)</pre>
 *
 * with the mean over the positions, {@code W1} [hidden, C], {@code W2} [C, hidden] and {@code b2}
 * [C]. Activations are [N, C, H, W] or [N, H, W, C].
 */
public final class Gate {

  /** What every gate's normalisation adds to the variance. */
  public static final double EPS = 1e-5;

  private final Channels channels;
  private final Normalization normalization;

  public Gate(CNN2DFormat format, double eps) {
    this.channels = new Channels(format);
    this.normalization = new Normalization(format, eps);
  }

  /** The gate's parameters, or their gradients. */
  public record Weights(INDArray w1, INDArray gamma, INDArray beta, INDArray w2, INDArray b2) {}

  /**
   * What forward computed and backward needs: [N, C] and [N, hidden] arrays.
   *
   * @param moments what the hidden units were normalised with
   */
  public record State(
      INDArray pooled, INDArray hidden, Moments moments, INDArray active, INDArray gate) {}

  /**
   * Computes the gate.
   *
   * @param running the running statistics of the gate's BN to normalise with, or null to use those
   *     of the batch
   */
  public State open(INDArray x, Weights w, Moments running) {
    INDArray pooled = channels.sumPerSample(x).div(positions(x));
    INDArray hidden = Ops.product(pooled, w.w1.transpose());
    INDArray active = hidden.ulike();
    Moments moments = running == null ? normalization.moments(hidden) : running;
    normalization.forward(hidden, moments, w.gamma, w.beta, active);
    Transforms.relu(active, false);
    INDArray logits = Ops.product(active, w.w2.transpose());
    channels.add(logits, w.b2, logits);
    return new State(pooled, hidden, moments, active, Transforms.sigmoid(logits, false));
  }

  /** Applies the gate: {@code out = x * g}. */
  public INDArray apply(INDArray x, State state, INDArray out) {
    return channels.multiply(x, state.gate, out);
  }

  /**
   * Computes the gradients.
   *
   * @param ofBatch whether the BN's moments are those of the batch
   * @param gradOut gradient of the gated output
   * @param gradX receives the gradient of {@code x}
   * @param gradients receive the gradients of the parameters
   */
  public void backward(
      INDArray x,
      Weights w,
      State state,
      boolean ofBatch,
      INDArray gradOut,
      INDArray gradX,
      Weights gradients) {
    INDArray gate = state.gate;
    INDArray gradGate = channels.sumOfProductsPerSample(gradOut, x);
    INDArray gradLogits = gradGate.mul(gate).muli(gate.rsub(1));
    channels.sum(gradLogits, gradients.b2);
    gradients.w2.assign(Ops.product(gradLogits.transpose(), state.active));

    INDArray gradActive =
        Ops.product(gradLogits, w.w2).muli(state.active.gt(0).castTo(gate.dataType()));
    INDArray gradHidden = state.hidden.ulike();
    normalization.backward(
        state.hidden,
        state.moments,
        ofBatch,
        w.gamma,
        w.beta,
        gradActive,
        gradHidden,
        gradients.gamma,
        gradients.beta);
    gradients.w1.assign(Ops.product(gradHidden.transpose(), state.pooled));

    INDArray gradPooled = Ops.product(gradHidden, w.w1).divi(positions(x));
    channels.scale(gradOut, gate, gradPooled, gradX);
  }

  private double positions(INDArray x) {
    return (double) channels.samples(x) / x.size(0);
  }
}
