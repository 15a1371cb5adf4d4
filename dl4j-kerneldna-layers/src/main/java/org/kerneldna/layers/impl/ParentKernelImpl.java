package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.ParentKernel;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ParentKernel}. */
public class ParentKernelImpl extends ListedLayer<ParentKernel> {

  public ParentKernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** The kernel itself, not a copy, unless noise is on it. */
  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    return workspaces.leverageTo(
        ArrayType.ACTIVATIONS,
        getParamWithNoise(KernelDNAConvolution.KERNEL, training, workspaces));
  }

  /**
   * Takes the summed gradient of the kernel. The formal input gets zeros rather than null, since
   * ComputationGraph loses the other gradients of a vertex of which one is null.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradKernel = gradientViews.get(KernelDNAConvolution.KERNEL).assign(epsilon);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(KernelDNAConvolution.KERNEL, gradKernel, 'c');
    weightNoiseParams.clear();
    INDArray nothing =
        workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), input.ordering());
    return new Pair<>(gradient, nothing);
  }
}
