package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.KernelDNAConvolution;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.math.StaticModulation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link KernelDNAConvolution} with its own kernel: gate, modulation, convolution. */
public class KernelDNAConvolutionImpl
    extends LayerTemplate<KernelDNAConvolution, KernelDNAConvolutionImpl.State> {

  /** What leads to the output; null for what there is none of. */
  record State(Gate.State gate, INDArray gated, INDArray kernel, INDArray preActivation) {}

  private final GatePass gate;
  private final ConvolutionPass convolution;

  public KernelDNAConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    KernelDNAConvolution layer = layerConf();
    this.convolution = ConvolutionPass.of(layer, layer.getActivationFn());
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
  void check(INDArray x) {
    convolution.check(x, layerConf().getNIn());
  }

  @Override
  State prepare(INDArray x, Pass pass) {
    Gate.State opened = gate == null ? null : gate.open(x, pass);
    INDArray gated = gate == null ? x : gate.apply(x, opened, pass);
    INDArray kernel = modulated(pass);
    return new State(opened, gated, kernel, convolution.prepare(gated, kernel, bias(pass), pass));
  }

  @Override
  INDArray forward(INDArray x, State s, Pass pass) {
    return convolution.forward(s.gated, s.kernel, bias(pass), s.preActivation, pass);
  }

  @Override
  INDArray backward(INDArray x, State s, INDArray gradOut, Pass pass) {
    INDArray gradOwnKernel = gradientViews.get(KernelDNAConvolution.KERNEL);
    INDArray gradBias = gradientViews.get(KernelDNAConvolution.BIAS);
    INDArray gradKernel =
        layerConf().hasModulation() ? pass.scratch(s.kernel.shape()) : gradOwnKernel;
    INDArray gradX = pass.gradient(s.gated.shape());
    convolution.backward(s.gated, s.kernel, s.preActivation, gradOut, gradX, gradKernel, gradBias);
    if (layerConf().hasModulation()) {
      StaticModulation.backward(
          pass.param(KernelDNAConvolution.KERNEL),
          pass.param(KernelDNAConvolution.SPATIAL),
          pass.param(KernelDNAConvolution.FILTER),
          gradKernel,
          gradOwnKernel,
          gradientViews.get(KernelDNAConvolution.SPATIAL),
          gradientViews.get(KernelDNAConvolution.FILTER));
    }
    if (layerConf().isFrozenKernel()) {
      // What does not learn has no gradient: no norm may count it.
      gradOwnKernel.assign(0);
      if (gradBias != null) {
        gradBias.assign(0);
      }
    }
    return gate == null ? gradX : gate.backward(x, s.gate, gradX, gradientViews, pass);
  }

  private static INDArray bias(Pass pass) {
    return pass.param(KernelDNAConvolution.BIAS);
  }

  private INDArray modulated(Pass pass) {
    INDArray own = pass.param(KernelDNAConvolution.KERNEL);
    return layerConf().hasModulation()
        ? StaticModulation.forward(
            own,
            pass.param(KernelDNAConvolution.SPATIAL),
            pass.param(KernelDNAConvolution.FILTER),
            pass.activations(own.shape()))
        : own;
  }
}
