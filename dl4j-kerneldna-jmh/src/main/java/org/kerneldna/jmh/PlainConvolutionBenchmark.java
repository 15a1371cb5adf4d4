package org.kerneldna.jmh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;

/** The yardstick: the convolution alone. */
public class PlainConvolutionBenchmark extends Operation {

  private ConvolutionStep convolution;
  private INDArray x;
  private INDArray kernel;
  private INDArray gradOut;

  @Override
  void create(INDArray x) {
    this.x = x;
    convolution = new ConvolutionStep(x);
    kernel = ConvolutionStep.kernel(x);
    gradOut = random(x.shape());
  }

  @Benchmark
  public INDArray forward() {
    return inWorkspace(() -> convolution.forward(x, kernel));
  }

  @Benchmark
  public INDArray backward() {
    return inWorkspace(() -> convolution.backward(x, kernel, gradOut));
  }
}
