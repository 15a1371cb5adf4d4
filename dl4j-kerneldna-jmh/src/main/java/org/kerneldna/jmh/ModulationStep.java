package org.kerneldna.jmh;

import java.util.Map;
import org.kerneldna.layers.dynamic.KernelDerivation.Derived;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.dynamic.StaticModulation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The static modulation of a parent's kernel, spatial and by filter. */
final class ModulationStep {

  private final INDArray parent;
  private final INDArray gradParent;
  private final StaticModulation modulation;
  private final Pass pass;
  private final Map<String, INDArray> gradients;
  private final Derived derived;

  /**
   * @param parent [nOut, nIn, kH, kW]
   */
  ModulationStep(INDArray parent) {
    this.parent = parent;
    this.gradParent = parent.ulike();
    int[] kernelSize = {(int) parent.size(2), (int) parent.size(3)};
    this.modulation = new StaticModulation(true, true, kernelSize, parent.size(0));
    this.pass = Operation.training(modulation.parameters());
    this.gradients = Operation.random(modulation.parameters());
    this.derived = derive();
  }

  private Derived derive() {
    return modulation.forward(parent, null, pass);
  }

  /** The child's kernel. */
  INDArray forward() {
    return derive().kernel();
  }

  /** The gradient of the parent's kernel; those of the modulation are computed with it. */
  INDArray backward(INDArray gradChild) {
    derived.backward(gradChild, gradParent, gradients, pass);
    return gradParent;
  }
}
