package org.kerneldna.layers.math;

import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.Relu6;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarReverseSubtraction;
import org.nd4j.linalg.factory.Nd4j;

/** ReLU and ReLU6 on any shape, forward and backward. */
public enum Rectifier {
  /** {@code max(0, x)}. */
  RELU("relu_bp", Float.POSITIVE_INFINITY) {
    @Override
    public INDArray forward(INDArray x, INDArray out) {
      return Nd4j.getExecutioner().exec(new RectifiedLinear(x, out));
    }

    @Override
    INDArray positiveWhereOpen(INDArray x, INDArray out) {
      return x;
    }
  },

  /** {@code min(max(0, x), 6)}. */
  RELU6("relu6_bp", 6) {
    @Override
    public INDArray forward(INDArray x, INDArray out) {
      return Nd4j.getExecutioner().exec(new Relu6(x, out, 0));
    }

    @Override
    INDArray positiveWhereOpen(INDArray x, INDArray out) {
      return Nd4j.getExecutioner().exec(new ScalarReverseSubtraction(x, null, out, 6)).muli(x);
    }
  };

  /**
   * The rectifier that {@code activation} names.
   *
   * @throws IllegalArgumentException if it names another function
   */
  public static Rectifier of(Activation activation) {
    return switch (activation) {
      case RELU -> RELU;
      case RELU6 -> RELU6;
      default ->
          throw new IllegalArgumentException(activation + " is no rectifier: give RELU or RELU6");
    };
  }

  /** ND4J's operation for the gradient. */
  private final String gradient;

  private final float limit;

  Rectifier(String gradient, float limit) {
    this.gradient = gradient;
    this.limit = limit;
  }

  String gradient() {
    return gradient;
  }

  /** What the function never exceeds. */
  float limit() {
    return limit;
  }

  /** Computes the function into {@code out}, which may be {@code x}. */
  public abstract INDArray forward(INDArray x, INDArray out);

  /**
   * Computes the gradient of {@code x}; where the function has a kink it is 0, as in PyTorch.
   *
   * @param gradOut gradient of the output
   * @param gradX receives the gradient of {@code x}
   */
  public INDArray backward(INDArray x, INDArray gradOut, INDArray gradX) {
    INDArray in = Dense.operand(x);
    INDArray result = Dense.result(gradX);
    Arithmetic.of(in, 1).rectifyBackward(this, in, Dense.operand(gradOut), result);
    return Dense.deliver(result, gradX);
  }

  /** Numbers that are more than 0 just where the gradient passes; may be kept in {@code out}. */
  abstract INDArray positiveWhereOpen(INDArray x, INDArray out);
}
