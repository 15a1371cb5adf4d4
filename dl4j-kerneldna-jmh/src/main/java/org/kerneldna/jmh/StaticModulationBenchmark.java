package org.kerneldna.jmh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;

/** How a child derives its kernel; the images of a batch and their size do not matter to it. */
public class StaticModulationBenchmark extends Operation {

  private ModulationStep modulation;
  private INDArray gradChild;

  @Override
  void create(INDArray x) {
    modulation = new ModulationStep(ConvolutionStep.kernel(x));
    gradChild = ConvolutionStep.kernel(x);
  }

  @Benchmark
  public INDArray forward() {
    return inWorkspace(modulation::forward);
  }

  @Benchmark
  public INDArray backward() {
    return inWorkspace(() -> modulation.backward(gradChild));
  }
}
