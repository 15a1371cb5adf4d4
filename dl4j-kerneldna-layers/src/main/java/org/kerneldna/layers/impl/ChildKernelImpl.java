package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.StaticModulation;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link ChildKernel}. */
public class ChildKernelImpl extends ListedLayer<ChildKernel> {

  public ChildKernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray child =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, input.shape(), 'c');
    return StaticModulation.forward(
        input,
        params.get(KernelDNAConvolution.SPATIAL),
        params.get(KernelDNAConvolution.FILTER),
        child);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradParent =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
    StaticModulation.backward(
        input,
        params.get(KernelDNAConvolution.SPATIAL),
        params.get(KernelDNAConvolution.FILTER),
        epsilon,
        gradParent,
        gradientViews.get(KernelDNAConvolution.SPATIAL),
        gradientViews.get(KernelDNAConvolution.FILTER));
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, gradParent);
  }
}
