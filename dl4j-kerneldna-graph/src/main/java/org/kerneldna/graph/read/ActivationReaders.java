package org.kerneldna.graph.read;

import static java.util.Locale.ROOT;
import static org.kerneldna.graph.Nonlinearity.clip;
import static org.kerneldna.graph.Nonlinearity.linear;
import static org.kerneldna.graph.Nonlinearity.power;

import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.kerneldna.graph.Nonlinearity;
import org.kerneldna.graph.Nonlinearity.Function;
import org.kerneldna.graph.Operation;
import org.kerneldna.graph.Operation.Arithmetic;
import org.kerneldna.graph.Operation.Softmax;
import org.kerneldna.graph.Operation.Transpose;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/** Activation functions, and layers that are nothing else. */
final class ActivationReaders implements Readers.Provider {

  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
  private static final double SELU_LAMBDA = 1.0507009873554804934193349852946;

  /** So steep that a difference of two FLOATs of common size becomes more than 1. */
  private static final double STEEP = 1e38;

  @Override
  public void addTo(Readers readers) {
    readers
        .add(
            ActivationLayer.class,
            (conf, r) -> r.gives(r.activated(r.array(0), conf.getActivationFn())))
        .add(PReLULayer.class, ActivationReaders::parametricRelu)
        .add(DropoutLayer.class, (conf, r) -> r.gives(r.add("out", dropout(conf), r.array(0))))
        .add(ActivationIdentity.class, (f, r) -> r.gives(r.array(0)))
        .add(ActivationReLU.class, ActivationReaders::relu)
        .add(ActivationReLU6.class, is(Nonlinearity.RELU6))
        .add(
            ActivationLReLU.class,
            (f, r) -> chain(r, new Nonlinearity(Function.RELU, f.getAlpha(), 0)))
        .add(ActivationRReLU.class, ActivationReaders::randomizedRelu)
        .add(ActivationThresholdedReLU.class, ActivationReaders::thresholdedRelu)
        .add(ActivationELU.class, (f, r) -> chain(r, elu(f.getAlpha())))
        .add(ActivationSELU.class, is(elu(SELU_ALPHA), linear(SELU_LAMBDA, 0)))
        .add(ActivationSigmoid.class, is(Nonlinearity.SIGMOID))
        .add(ActivationHardSigmoid.class, is(linear(0.2, 0.5), clip(0, 1)))
        .add(ActivationTanH.class, is(Nonlinearity.TANH))
        .add(ActivationHardTanH.class, is(clip(-1, 1)))
        .add(ActivationRectifiedTanh.class, is(Nonlinearity.TANH, Nonlinearity.RELU))
        .add(ActivationRationalTanh.class, ActivationReaders::rationalTanh)
        .add(ActivationSoftSign.class, ActivationReaders::softSign)
        .add(ActivationSoftPlus.class, is(Nonlinearity.of(Function.SOFTPLUS)))
        .add(ActivationSwish.class, is(swish(1)))
        .add(ActivationMish.class, is(Nonlinearity.of(Function.MISH)))
        .add(ActivationGELU.class, ActivationReaders::gelu)
        .add(ActivationCube.class, is(power(1, 3)))
        .add(
            ActivationPReLU.class,
            (f, r) -> parametricRelu(r.constant("alpha", f.getAlpha()), f.getAlpha().rank(), r))
        .add(ActivationSoftmax.class, ActivationReaders::softmax);
  }

  private static Operation.Dropout dropout(DropoutLayer conf) {
    return new Operation.Dropout(
        conf.getIDropout() instanceof Dropout random ? random.getP() : 1, false);
  }

  /** These functions one after the other. */
  private static <C> Reader<C> is(Nonlinearity... functions) {
    return (f, r) -> chain(r, functions);
  }

  private static void chain(Reading r, Nonlinearity... functions) {
    r.gives(r.then(r.array(0), functions));
  }

  private static void relu(ActivationReLU f, Reading r) {
    double slope = f.getNegativeSlope() == null ? 0 : f.getNegativeSlope();
    double threshold = f.getThreshold() == null ? 0 : f.getThreshold().floatValue();
    double max = f.getMax() == null ? Float.MAX_VALUE : f.getMax();
    Array x = r.array(0);
    if (threshold == 0 && slope == 0 && f.getMax() != null && max >= 0) {
      r.gives(r.then(x, clip(0, max)));
      return;
    }
    Array y = r.then(x, new Nonlinearity(Function.RELU, slope, 0));
    if (threshold != 0) {
      Array isLess = r.then(x, linear(-1, threshold), linear(STEEP, 0), clip(0, 1));
      Array upper = both(r, Arithmetic.Kind.MULTIPLY, x, r.then(isLess, linear(-1, 1)));
      Array lower = r.then(x, linear(1, -threshold), clip(-Float.MAX_VALUE, 0), linear(slope, 0));
      y = both(r, Arithmetic.Kind.ADD, upper, lower);
    }
    r.gives(f.getMax() == null ? y : r.then(y, clip(-Float.MAX_VALUE, max)));
  }

  /** x where it is more than theta, else 0. */
  private static void thresholdedRelu(ActivationThresholdedReLU f, Reading r) {
    Array x = r.array(0);
    Array isMore = r.then(x, linear(1, -(float) f.getTheta()), linear(STEEP, 0), clip(0, 1));
    r.gives(both(r, Arithmetic.Kind.MULTIPLY, x, isMore));
  }

  /** At inference DL4J takes the mean slope for a lower bound. */
  private static void randomizedRelu(ActivationRReLU f, Reading r) {
    chain(r, clip((f.getL() + f.getU()) / 2, Float.MAX_VALUE));
  }

  /**
   * {@code 1.7159 * sign(a) * (1 - 1 / (1 + |a| + a^2 + c * a^4))} of {@code a = 2 / 3 * x}, which
   * is {@code 1.7159 * a * (1 + |a| + c * |a|^3) / (1 + |a| + a^2 + c * a^4)}. The bounds, where it
   * is flat, keep the powers finite.
   */
  private static void rationalTanh(ActivationRationalTanh f, Reading r) {
    double c = 1.41645;
    Array a = r.then(r.array(0), linear(2.0 / 3, 0), clip(-1000, 1000));
    Array size = r.then(a, Nonlinearity.ABS);
    Array common = r.then(size, linear(1, 1));
    Array factor = both(r, Arithmetic.Kind.ADD, common, r.then(size, power(c, 3)));
    Array square = both(r, Arithmetic.Kind.ADD, common, r.then(size, power(1, 2)));
    Array divisor = both(r, Arithmetic.Kind.ADD, square, r.then(size, power(c, 4)));
    Array above = both(r, Arithmetic.Kind.MULTIPLY, a, factor);
    r.gives(r.then(both(r, Arithmetic.Kind.DIVIDE, above, divisor), linear(1.7159, 0)));
  }

  /**
   * By a sigmoid, or precisely so: {@code x * (1 + tanh(sqrt(2 / pi) * (x + (0.044715 * x)^3))) /
   * 2}, whose factor stands inside of the power in ND4J.
   */
  private static void gelu(ActivationGELU f, Reading r) {
    Array x = r.array(0);
    if (!f.isPrecise()) {
      r.gives(r.then(x, swish(1.702)));
      return;
    }
    Array cubed = r.then(x, power(Math.pow(0.044715, 3), 3));
    Array sum = both(r, Arithmetic.Kind.ADD, x, cubed);
    Array part =
        r.then(sum, linear(Math.sqrt(2 / Math.PI), 0), Nonlinearity.TANH, linear(0.5, 0.5));
    r.gives(both(r, Arithmetic.Kind.MULTIPLY, x, part));
  }

  /** Over the last dimension of DL4J's array. */
  private static void softmax(ActivationSoftmax f, Reading r) {
    Array x = r.array(0);
    r.gives(r.add("out", new Softmax(x.channelsLast() ? 1 : -1), x));
  }

  private static void softSign(ActivationSoftSign f, Reading r) {
    Array x = r.array(0);
    r.gives(both(r, Arithmetic.Kind.DIVIDE, x, r.then(x, Nonlinearity.ABS, linear(1, 1))));
  }

  private static void parametricRelu(PReLULayer conf, Reading r) {
    long[] shape = conf.getInputShape().clone();
    if (conf.getSharedAxes() != null) {
      LongStream.of(conf.getSharedAxes()).forEach(axis -> shape[(int) axis - 1] = 1);
    }
    parametricRelu(r.parameter("W", shape), shape.length, r);
  }

  /** {@code max(x, 0) - alpha * max(-x, 0)}; alpha has the dimensions of DL4J's x but the first. */
  private static void parametricRelu(String alpha, int rank, Reading r) {
    Array x = r.array(0);
    if (x.channelsLast() && rank == 3) {
      alpha = r.add("alpha", new Transpose(2, 0, 1), alpha);
    }
    Array slopes = new Array(alpha, x.channelsLast());
    Array below = r.then(x, linear(-1, 0), Nonlinearity.RELU);
    Array scaled = both(r, Arithmetic.Kind.MULTIPLY, below, slopes);
    r.gives(both(r, Arithmetic.Kind.SUBTRACT, r.then(x, Nonlinearity.RELU), scaled));
  }

  private static Array both(Reading r, Arithmetic.Kind kind, Array a, Array b) {
    String what = kind.name().toLowerCase(ROOT);
    return new Array(r.add(what, new Arithmetic(kind), a.value(), b.value()), a.channelsLast());
  }

  private static Nonlinearity elu(double alpha) {
    return new Nonlinearity(Function.ELU, alpha, 0);
  }

  private static Nonlinearity swish(double alpha) {
    return new Nonlinearity(Function.SWISH, alpha, 0);
  }
}
