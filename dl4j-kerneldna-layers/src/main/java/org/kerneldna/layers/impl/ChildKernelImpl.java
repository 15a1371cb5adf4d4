package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.StaticModulation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChildKernel}. */
public class ChildKernelImpl extends LayerTemplate<ChildKernel, Void> {

  public ChildKernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  INDArray forward(INDArray parent, Void nothing, Pass pass) {
    return StaticModulation.forward(
        parent,
        pass.param(KernelDNAConvolution.SPATIAL),
        pass.param(KernelDNAConvolution.FILTER),
        pass.activations(parent.shape()));
  }

  @Override
  INDArray backward(INDArray parent, Void nothing, INDArray gradOut, Pass pass) {
    INDArray gradParent = pass.gradient(parent.shape());
    StaticModulation.backward(
        parent,
        pass.param(KernelDNAConvolution.SPATIAL),
        pass.param(KernelDNAConvolution.FILTER),
        gradOut,
        gradParent,
        gradientViews.get(KernelDNAConvolution.SPATIAL),
        gradientViews.get(KernelDNAConvolution.FILTER));
    return gradParent;
  }
}
