package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.KernelDerivation.Derived;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChildKernel}. */
public class ChildKernelImpl extends LayerTemplate<ChildKernel, Derived> {

  private final KernelDerivation derivation = layerConf().derivation();

  public ChildKernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  Derived prepare(INDArray parent, Pass pass) {
    return derivation.forward(parent, null, pass);
  }

  @Override
  INDArray forward(INDArray parent, Derived derived, Pass pass) {
    return derived.kernel();
  }

  @Override
  INDArray backward(INDArray parent, Derived derived, INDArray gradOut, Pass pass) {
    INDArray gradParent = pass.gradient(parent.shape());
    derived.backward(gradOut, gradParent, gradientViews, pass);
    return gradParent;
  }
}
