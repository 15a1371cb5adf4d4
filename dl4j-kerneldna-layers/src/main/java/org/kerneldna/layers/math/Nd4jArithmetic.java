package org.kerneldna.layers.math;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.math.Normalization.Parameters;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Arithmetic} by ND4J's own operations, for any backend and data type. On a GPU those of
 * convolutions and normalisations run in cuDNN.
 */
class Nd4jArithmetic implements Arithmetic {

  private static final int KERNEL_IS_OIYX = 1;

  /** The dimension that the channels are in. */
  final int axis;

  Nd4jArithmetic(int axis) {
    this.axis = axis;
  }

  @Override
  public INDArray sumPerSample(INDArray x) {
    return x.rank() == 2 ? x : x.sum(axis == 1 ? new int[] {2, 3} : new int[] {1, 2});
  }

  @Override
  public INDArray sumOfProductsPerSample(INDArray x, INDArray y) {
    return sumPerSample(Ops.multiply(x, y, Dense.like(x)));
  }

  @Override
  public double[] sum(INDArray x) {
    return Numbers.of(x.sum(IntStream.range(0, x.rank()).filter(dim -> dim != axis).toArray()));
  }

  @Override
  public double[] sumOfProducts(INDArray x, INDArray y) {
    return sum(Ops.multiply(x, y, Dense.like(x)));
  }

  @Override
  public void scale(INDArray x, INDArray factor, INDArray offset, INDArray out) {
    INDArray scaled = factor == null ? x : Ops.multiply(x, perChannel(factor, x), out);
    if (offset != null) {
      Ops.add(scaled, perChannel(offset, x), out);
    }
  }

  /** About a first mean, which rounding may have left beside the true one. */
  @Override
  public Moments moments(INDArray x) {
    double samples = (double) x.length() / x.size(axis);
    double[] mean = sum(x);
    Arrays.setAll(mean, c -> mean[c] / samples);
    INDArray shift = array(mean, x.dataType());
    INDArray centred = Ops.subtract(x, perChannel(shift, x), Dense.like(x));
    double[] rest = sum(centred);
    double[] variance = sum(Ops.multiply(centred, centred, centred));
    double[] shifts = Numbers.of(shift);
    for (int c = 0; c < mean.length; c++) {
      double beside = rest[c] / samples;
      mean[c] = shifts[c] + beside;
      variance[c] = variance[c] / samples - beside * beside;
    }
    return new Moments(mean, variance);
  }

  @Override
  public void normalize(INDArray x, Parameters p, Rectifier after, INDArray out) {
    Nd4j.exec(
        Ops.of("batchnorm", normalization(x, p), out)
            .addIntegerArguments(1, 1, axis)
            .addFloatingPointArguments(p.eps())
            .build());
    if (after != null) {
      after.forward(out, out);
    }
  }

  @Override
  public void normalizeBackward(
      INDArray x,
      Parameters p,
      Rectifier after,
      boolean ofBatch,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    INDArray gradY = gradOut;
    if (after != null) {
      INDArray y = Dense.like(x);
      normalize(x, p, null, y);
      gradY = Dense.like(x);
      rectifyBackward(after, y, gradOut, gradY);
    }
    if (ofBatch && x.dataType() == DataType.FLOAT) {
      normalizeBackwardInOne(x, p, gradY, gradX, gradGamma, gradBeta);
    } else {
      normalizeBackward(x, p, ofBatch, gradY, gradX, gradGamma, gradBeta);
    }
  }

  /** ND4J divides by the number of samples in single precision here, whatever the arrays' type. */
  private void normalizeBackwardInOne(
      INDArray x,
      Parameters p,
      INDArray gradY,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    INDArray[] inputs = Arrays.copyOf(normalization(x, p), 6);
    inputs[5] = gradY;
    INDArray gamma = inputs[3].ulike();
    INDArray beta = inputs[4].ulike();
    Nd4j.exec(
        Ops.of("batchnorm_bp", inputs, gradX, inputs[1].ulike(), inputs[2].ulike(), gamma, beta)
            .addIntegerArguments(1, 1, axis)
            .addFloatingPointArguments(p.eps())
            .build());
    gradGamma.assign(gamma.reshape(gradGamma.shape()));
    gradBeta.assign(beta.reshape(gradBeta.shape()));
  }

  private void normalizeBackward(
      INDArray x,
      Parameters p,
      boolean ofBatch,
      INDArray gradY,
      INDArray gradX,
      INDArray gradGamma,
      INDArray gradBeta) {
    DataType type = x.dataType();
    INDArray mean = perChannel(array(p.moments().mean(), type), x);
    INDArray centred = Ops.subtract(x, mean, Dense.like(x));
    double[] offset = sum(gradY);
    double[] slope = sumOfProducts(gradY, centred);
    p.setGradients(offset, slope, gradGamma, gradBeta);
    scale(gradY, array(p.scale(), type), null, gradX);
    if (ofBatch) {
      p.toGradientOfMoments(offset, slope, (double) x.length() / x.size(axis));
      scale(centred, array(slope, type), array(offset, type), centred);
      Ops.add(gradX, centred, gradX);
    }
  }

  private static INDArray[] normalization(INDArray x, Parameters p) {
    DataType type = x.dataType();
    return new INDArray[] {
      x,
      array(p.moments().mean(), type),
      array(p.moments().variance(), type),
      array(p.gamma(), type),
      array(p.beta(), type)
    };
  }

  @Override
  public void rectifyBackward(Rectifier function, INDArray x, INDArray gradOut, INDArray gradX) {
    Nd4j.exec(
        Ops.of(function.gradient(), new INDArray[] {x, gradOut}, gradX)
            .addFloatingPointArguments(0.0)
            .build());
  }

  @Override
  public void convolve(Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    forward("conv2d", arguments(g, KERNEL_IS_OIYX), x, Dense.of(kernel), bias, out);
  }

  @Override
  public void convolveDepthwise(
      Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray seen = positionsFirst(Dense.of(kernel));
    forward("depthwise_conv2d", arguments(g), x, seen, bias, out);
  }

  /**
   * @param kernel as the operation takes it
   */
  private static void forward(
      String operation, int[] arguments, INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray in = Dense.of(x);
    INDArray y = Dense.target(out);
    Ops.exec(
        operation,
        bias == null ? new INDArray[] {in, kernel} : new INDArray[] {in, kernel, Dense.of(bias)},
        new INDArray[] {y},
        arguments);
    Dense.deliver(y, out);
  }

  @Override
  public void convolveBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel) {
    INDArray ofKernel = Dense.target(gradKernel);
    int[] arguments = arguments(g, KERNEL_IS_OIYX);
    backward("conv2d_bp", arguments, x, Dense.of(kernel), gradOut, gradX, ofKernel);
    Dense.deliver(ofKernel, gradKernel);
  }

  @Override
  public void convolveDepthwiseBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel) {
    INDArray ofKernel = Dense.target(gradKernel);
    backward(
        "depthwise_conv2d_bp",
        arguments(g),
        x,
        positionsFirst(Dense.of(kernel)),
        gradOut,
        gradX,
        positionsFirst(ofKernel));
    Dense.deliver(ofKernel, gradKernel);
  }

  /**
   * @param kernel as the operation takes it
   * @param ofKernel receives the gradient of the kernel, likewise
   */
  private static void backward(
      String operation,
      int[] arguments,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray ofKernel) {
    INDArray ofX = gradX == null ? Dense.like(x) : Dense.target(gradX);
    Ops.exec(
        operation,
        new INDArray[] {Dense.of(x), kernel, Dense.of(gradOut)},
        new INDArray[] {ofX, ofKernel},
        arguments);
    if (gradX != null) {
      Dense.deliver(ofX, gradX);
    }
  }

  @Override
  public void momentumStep(
      INDArray v, INDArray gradient, double momentum, boolean nesterov, double learningRate) {
    v.muli(momentum).addi(gradient);
    if (nesterov) {
      gradient.addi(v.mul(momentum));
    } else {
      gradient.assign(v);
    }
    gradient.muli(learningRate);
  }

  private static int[] arguments(Geometry g, int... more) {
    return IntStream.concat(
            IntStream.of(
                g.kernel()[0],
                g.kernel()[1],
                g.stride()[0],
                g.stride()[1],
                g.padding()[0],
                g.padding()[1],
                g.dilation()[0],
                g.dilation()[1],
                g.same() ? 1 : 0,
                g.channelsLast() ? 1 : 0),
            IntStream.of(more))
        .toArray();
  }

  /** A view of the kernel as ND4J takes it: [kH, kW, C, 1]. */
  private static INDArray positionsFirst(INDArray kernel) {
    return kernel.permute(2, 3, 0, 1);
  }

  private static INDArray array(double[] numbers, DataType type) {
    return Nd4j.createFromArray(numbers).castTo(type);
  }

  /** The numbers, [C] or [N, C], in a shape that broadcasts over {@code x}. */
  private INDArray perChannel(INDArray numbers, INDArray x) {
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    shape[axis] = x.size(axis);
    shape[0] = numbers.length() / shape[axis];
    return Dense.operand(numbers).castTo(x.dataType()).reshape(shape);
  }
}
