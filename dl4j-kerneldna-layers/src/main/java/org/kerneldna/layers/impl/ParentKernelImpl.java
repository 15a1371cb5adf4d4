package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.ParentKernel;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ParentKernel}. */
public class ParentKernelImpl extends LayerTemplate<ParentKernel, Void> {

  public ParentKernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** The kernel itself, not a copy, unless noise is on it. */
  @Override
  INDArray forward(INDArray x, Void nothing, Pass pass) {
    return pass.workspaces().leverageTo(ArrayType.ACTIVATIONS, pass.param(Convolution.KERNEL));
  }

  /**
   * Takes the summed gradient of the kernel. The formal input gets zeros rather than null, since
   * ComputationGraph loses the other gradients of a vertex of which one is null.
   */
  @Override
  INDArray backward(INDArray x, Void nothing, INDArray gradOut, Pass pass) {
    gradientViews.get(Convolution.KERNEL).assign(gradOut);
    return pass.gradient(x.shape()).assign(0);
  }
}
