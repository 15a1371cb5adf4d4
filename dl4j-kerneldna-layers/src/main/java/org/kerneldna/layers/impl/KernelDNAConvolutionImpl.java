package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.StaticModulation;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link KernelDNAConvolution} with its own kernel: gate, modulation, convolution. */
public class KernelDNAConvolutionImpl extends ListedLayer<KernelDNAConvolution> {

  private final GatePass gate;
  private final ConvolutionPass convolution;
  private INDArray gated;
  private INDArray kernel;

  public KernelDNAConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    KernelDNAConvolution layer = layerConf();
    this.convolution = new ConvolutionPass(layer, layer.getActivationFn());
    this.gate =
        layer.hasGate()
            ? new GatePass(
                layer.getLayerName(), layer.getCnn2dDataFormat(), layer.isFrozenStatistics())
            : null;
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }

  @Override
  public boolean hasBias() {
    return layerConf().hasBias();
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaces);
    INDArray x = input.castTo(dataType);
    gated = gate == null ? x : gate.forward(x, params, training, workspaces);
    kernel =
        modulated(getParamWithNoise(KernelDNAConvolution.KERNEL, training, workspaces), workspaces);
    INDArray bias =
        hasBias() ? getParamWithNoise(KernelDNAConvolution.BIAS, training, workspaces) : null;
    return convolution.forward(gated, kernel, bias, training, workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray gradOwnKernel = gradientViews.get(KernelDNAConvolution.KERNEL);
    INDArray gradKernel =
        layerConf().hasModulation()
            ? workspaces.createUninitialized(
                ArrayType.BP_WORKING_MEM, dataType, kernel.shape(), 'c')
            : gradOwnKernel;
    INDArray gradX =
        convolution.backward(
            gated,
            kernel,
            epsilon,
            gradKernel,
            gradientViews.get(KernelDNAConvolution.BIAS),
            workspaces);
    if (layerConf().hasModulation()) {
      StaticModulation.backward(
          getParamWithNoise(KernelDNAConvolution.KERNEL, true, workspaces),
          params.get(KernelDNAConvolution.SPATIAL),
          params.get(KernelDNAConvolution.FILTER),
          gradKernel,
          gradOwnKernel,
          gradientViews.get(KernelDNAConvolution.SPATIAL),
          gradientViews.get(KernelDNAConvolution.FILTER));
    }
    if (gate != null) {
      gradX = gate.backward(input.castTo(dataType), params, gradX, gradientViews, workspaces);
    }
    weightNoiseParams.clear();
    Gradient gradient = new DefaultGradient();
    gradientViews.forEach((key, view) -> gradient.setGradientFor(key, view, 'c'));
    return new Pair<>(gradient, backpropDropOutIfPresent(gradX));
  }

  @Override
  public void clear() {
    super.clear();
    gated = null;
    kernel = null;
    convolution.clear();
    if (gate != null) {
      gate.clear();
    }
  }

  private INDArray modulated(INDArray own, LayerWorkspaceMgr workspaces) {
    if (!layerConf().hasModulation()) {
      return own;
    }
    INDArray out =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, own.shape(), 'c');
    return StaticModulation.forward(
        own,
        params.get(KernelDNAConvolution.SPATIAL),
        params.get(KernelDNAConvolution.FILTER),
        out);
  }
}
