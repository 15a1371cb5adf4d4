package org.kerneldna.graph;

/**
 * An elementwise function that an operation can end with.
 *
 * @param alpha means what {@link Function} says; 0 where that has no use for it
 * @param beta likewise
 */
public record Nonlinearity(Function function, double alpha, double beta) {

  public static final Nonlinearity IDENTITY = of(Function.IDENTITY);
  public static final Nonlinearity RELU = of(Function.RELU);
  public static final Nonlinearity RELU6 = clip(0, 6);
  public static final Nonlinearity SIGMOID = of(Function.SIGMOID);
  public static final Nonlinearity TANH = of(Function.TANH);
  public static final Nonlinearity ABS = of(Function.ABS);

  /** The kinds of functions. */
  public enum Function {
    IDENTITY,
    /** {@code alpha * x + beta}. */
    LINEAR,
    /** x where it is positive, else {@code alpha * x}. */
    RELU,
    /** x, but at least alpha and at most beta. */
    CLIP,
    /** x where it is positive, else {@code alpha * (exp(x) - 1)}. */
    ELU,
    SIGMOID,
    TANH,
    /** {@code x * (1 + erf(x / sqrt(2))) / 2}. */
    GELU,
    /** {@code x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2}. */
    GELU_TANH,
    /** {@code log(1 + exp(x))}. */
    SOFTPLUS,
    /** {@code x * sigmoid(alpha * x)}. */
    SWISH,
    /** {@code x * tanh(log(1 + exp(x)))}. */
    MISH,
    EXP,
    ABS,
    /** {@code alpha * x ^ beta}. */
    POWER
  }

  /** A function without options. */
  public static Nonlinearity of(Function function) {
    return new Nonlinearity(function, 0, 0);
  }

  /** {@code factor * x + offset}. */
  public static Nonlinearity linear(double factor, double offset) {
    return new Nonlinearity(Function.LINEAR, factor, offset);
  }

  /** x, but at least {@code least} and at most {@code most}. */
  public static Nonlinearity clip(double least, double most) {
    return new Nonlinearity(Function.CLIP, least, most);
  }

  /** {@code factor * x ^ exponent}. */
  public static Nonlinearity power(double factor, double exponent) {
    return new Nonlinearity(Function.POWER, factor, exponent);
  }

  public boolean isIdentity() {
    return function == Function.IDENTITY;
  }
}
