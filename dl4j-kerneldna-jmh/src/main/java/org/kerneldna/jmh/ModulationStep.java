package org.kerneldna.jmh;

import org.kerneldna.layers.math.StaticModulation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The static modulation of a parent's kernel, spatial and by filter. */
final class ModulationStep {

  private final INDArray parent;
  private final INDArray spatial;
  private final INDArray filter;
  private final INDArray child;
  private final INDArray gradParent;
  private final INDArray gradSpatial;
  private final INDArray gradFilter;

  /**
   * @param parent [nOut, nIn, kH, kW]
   */
  ModulationStep(INDArray parent) {
    this.parent = parent;
    this.spatial = Operation.random(1, 1, parent.size(2), parent.size(3));
    this.filter = Operation.random(parent.size(0), 1, 1, 1);
    this.child = parent.ulike();
    this.gradParent = parent.ulike();
    this.gradSpatial = spatial.ulike();
    this.gradFilter = filter.ulike();
  }

  /** The child's kernel. */
  INDArray forward() {
    return StaticModulation.forward(parent, spatial, filter, child);
  }

  /** The gradient of the parent's kernel; those of the modulation are computed with it. */
  INDArray backward(INDArray gradChild) {
    StaticModulation.backward(
        parent, spatial, filter, gradChild, gradParent, gradSpatial, gradFilter);
    return gradParent;
  }
}
