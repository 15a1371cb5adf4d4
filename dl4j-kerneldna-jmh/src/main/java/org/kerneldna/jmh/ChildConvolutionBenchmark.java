package org.kerneldna.jmh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;

/** A child: gate, static modulation and convolution. */
public class ChildConvolutionBenchmark extends Operation {

  private GateStep gate;
  private ModulationStep modulation;
  private ConvolutionStep convolution;
  private INDArray gated;
  private INDArray kernel;
  private INDArray gradOut;

  @Override
  void create(INDArray x) {
    gate = new GateStep(x);
    modulation = new ModulationStep(ConvolutionStep.kernel(x));
    convolution = new ConvolutionStep(x);
    gated = gate.forward();
    kernel = modulation.forward();
    gradOut = random(x.shape());
  }

  @Benchmark
  public INDArray forward() {
    return inWorkspace(() -> convolution.forward(gate.forward(), modulation.forward()));
  }

  /** The gradients of parent, modulation, gate and, returned, the input. */
  @Benchmark
  public INDArray backward() {
    return inWorkspace(
        () -> {
          INDArray gradGated = convolution.backward(gated, kernel, gradOut);
          modulation.backward(convolution.gradKernel());
          return gate.backward(gradGated);
        });
  }
}
