package org.kerneldna.jmh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;

/** The squeeze-and-excitation gate that routes a child's input. */
public class GateBenchmark extends Operation {

  private GateStep gate;
  private INDArray gradGated;

  @Override
  void create(INDArray x) {
    gate = new GateStep(x);
    gradGated = random(x.shape());
  }

  @Benchmark
  public INDArray forward() {
    return inWorkspace(gate::forward);
  }

  @Benchmark
  public INDArray backward() {
    return inWorkspace(() -> gate.backward(gradGated));
  }
}
