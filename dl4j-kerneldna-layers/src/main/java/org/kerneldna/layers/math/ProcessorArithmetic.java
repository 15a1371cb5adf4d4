package org.kerneldna.layers.math;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * {@link Arithmetic} for floats on the processor, which avoids what is slow there in ND4J and
 * oneDNN. Convolutions of narrower floats run in these too: oneDNN knows no others.
 */
class ProcessorArithmetic extends Nd4jArithmetic {

  private static final int KERNEL_IS_OIYX = 1;

  private static final long BYTES_AT_A_TIME = 4L << 20;

  /** Whether ND4J runs on the processor. Tests say no, to see what it does elsewhere. */
  static boolean inUse = Nd4j.getEnvironment().isCPU();

  ProcessorArithmetic(int axis) {
    super(axis);
  }

  static boolean suits(DataType type) {
    return inUse && type != DataType.DOUBLE;
  }

  /** A product with a row of ones, several times as fast as ND4J's reductions. */
  @Override
  public double[] sum(INDArray x) {
    return axis == x.rank() - 1
        ? Numbers.of(Ops.sumOfColumns(x.reshape(-1, x.size(axis))))
        : super.sum(x);
  }

  /**
   * Multiplies with a mask of zeros and ones, made by plain operations that run at the speed of
   * memory; ND4J's own operations are four and eight times as slow.
   */
  @Override
  public void rectifyBackward(Rectifier function, INDArray x, INDArray gradOut, INDArray gradX) {
    INDArray positiveWhereOpen = function.positiveWhereOpen(x, gradX);
    Nd4j.getExecutioner().exec(new Step(positiveWhereOpen, gradX)).muli(gradOut);
  }

  /** With the kernel spread: oneDNN refuses ND4J's dilated convolutions. */
  @Override
  public void convolve(Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray y = Dense.result(out);
    INDArray spread = g.spread(Dense.operand(kernel));
    super.convolve(g.spread(), Dense.operand(x), spread, operandOrNull(bias), y);
    Dense.deliver(y, out);
  }

  /**
   * As a 3d convolution of depth 1, which is the same arithmetic: for 3x3 kernels oneDNN picks
   * Winograd for the kernel's gradient in 2d, up to ten times slower than its direct algorithm on
   * the wide, small feature maps of a network's last stages, and ND4J's operation leaves no say in
   * it.
   */
  @Override
  public void convolveBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel) {
    Geometry s = g.spread();
    INDArray spread = Dense.operand(g.spread(kernel));
    INDArray ofSpread = g.isDilated() ? Dense.like(spread) : Dense.result(gradKernel);
    if (gradX == null) {
      kernelGradient(s, Dense.operand(x), spread, Dense.operand(gradOut), ofSpread);
      Dense.deliver(g.taps(ofSpread), gradKernel);
      return;
    }
    INDArray ofX = Dense.result(gradX);
    Ops.exec(
        "conv3dnew_bp",
        new INDArray[] {
          withDepth(Dense.operand(x)), kernelWithDepth(spread), withDepth(Dense.operand(gradOut))
        },
        new INDArray[] {withDepth(ofX), kernelWithDepth(ofSpread)},
        1,
        s.kernel()[0],
        s.kernel()[1],
        1,
        s.stride()[0],
        s.stride()[1],
        0,
        s.padding()[0],
        s.padding()[1],
        1,
        1,
        1,
        s.same() ? 1 : 0,
        s.channelsLast() ? 1 : 0,
        KERNEL_IS_OIYX);
    Dense.deliver(ofX, gradX);
    Dense.deliver(g.taps(ofSpread), gradKernel);
  }

  /**
   * The gradient of the kernel alone, for which ND4J has no operation. A transposed convolution is
   * what takes the gradient of a convolution's output to that of its input. So the convolution's
   * input is what a gradient of the transposed one's output looks like, and the kernel's gradient
   * is the same. The other gradient that comes with it is thrown away: a forward pass, which for
   * images of three channels costs much less than their gradient.
   *
   * <p>The input is padded here, just as far as the kernel reaches: ND4J's transposed convolution
   * knows only padding that is the same on both sides.
   */
  private void kernelGradient(
      Geometry g, INDArray x, INDArray kernel, INDArray gradOut, INDArray gradKernel) {
    INDArray y = channelsFirst(gradOut);
    Ops.exec(
        "deconv2d_bp",
        new INDArray[] {y, kernel, channelsFirst(g.reach(x, gradOut))},
        new INDArray[] {Dense.like(y), gradKernel},
        g.kernel()[0],
        g.kernel()[1],
        g.stride()[0],
        g.stride()[1],
        0,
        0,
        1,
        1,
        0,
        0,
        KERNEL_IS_OIYX);
  }

  private INDArray channelsFirst(INDArray x) {
    return axis == 3 ? Dense.of(x.permute(0, 3, 1, 2)) : x;
  }

  private INDArray withDepth(INDArray x) {
    return axis == 3
        ? x.reshape('c', x.size(0), 1, x.size(1), x.size(2), x.size(3))
        : x.reshape('c', x.size(0), x.size(1), 1, x.size(2), x.size(3));
  }

  private static INDArray kernelWithDepth(INDArray kernel) {
    return kernel.reshape('c', kernel.size(0), kernel.size(1), 1, kernel.size(2), kernel.size(3));
  }

  /**
   * A few samples at a time. oneDNN brings activations into a layout of its own, in buffers that it
   * allocates for every call, and faulting the pages of large ones in costs up to ten times the
   * convolution; those of a few samples the allocator has at hand. Only forward with the channels
   * last needs no buffers.
   */
  @Override
  public void convolveDepthwise(
      Geometry g, INDArray x, INDArray kernel, INDArray bias, INDArray out) {
    INDArray in = Dense.operand(x);
    INDArray spread = g.spread(Dense.operand(kernel));
    INDArray y = Dense.result(out);
    long step = g.channelsLast() ? x.size(0) : samplesAtATime(in);
    for (long from = 0; from < x.size(0); from += step) {
      super.convolveDepthwise(
          g.spread(), samples(in, from, step), spread, operandOrNull(bias), samples(y, from, step));
    }
    Dense.deliver(y, out);
  }

  /** As {@link #convolveDepthwise}. */
  @Override
  public void convolveDepthwiseBackward(
      Geometry g,
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel) {
    INDArray in = Dense.operand(x);
    INDArray gradY = Dense.operand(gradOut);
    INDArray spread = Dense.operand(g.spread(kernel));
    INDArray ofX = gradX == null ? Dense.like(in) : Dense.result(gradX);
    INDArray ofPart = Dense.like(spread);
    INDArray ofSpread = Dense.like(spread).assign(0);
    long step = samplesAtATime(in);
    for (long from = 0; from < x.size(0); from += step) {
      super.convolveDepthwiseBackward(
          g.spread(),
          samples(in, from, step),
          spread,
          samples(gradY, from, step),
          samples(ofX, from, step),
          ofPart);
      ofSpread.addi(ofPart);
    }
    if (gradX != null) {
      Dense.deliver(ofX, gradX);
    }
    gradKernel.assign(g.taps(ofSpread));
  }

  private static long samplesAtATime(INDArray x) {
    long bytesPerSample = x.length() / x.size(0) * x.dataType().width();
    return Math.max(1, BYTES_AT_A_TIME / bytesPerSample);
  }

  private static INDArray samples(INDArray x, long from, long count) {
    long to = Math.min(from + count, x.size(0));
    return x.get(
        NDArrayIndex.interval(from, to),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  private static INDArray operandOrNull(INDArray bias) {
    return bias == null ? null : Dense.operand(bias);
  }
}
