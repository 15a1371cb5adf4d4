package org.kerneldna.layers.impl;

import static org.kerneldna.layers.Convolution.BIAS;
import static org.kerneldna.layers.Convolution.KERNEL;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.DynamicConvolution;
import org.kerneldna.layers.dynamic.KernelDerivation;
import org.kerneldna.layers.dynamic.KernelDerivation.Derived;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.dynamic.Routing;
import org.kerneldna.layers.dynamic.Routing.Routed;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link DynamicConvolution}: routing, derivation, convolution. */
public class DynamicConvolutionImpl
    extends ConvolutionTemplate<DynamicConvolution, DynamicConvolutionImpl.State> {

  /** What leads to the output; no pre-activation output where that is the output itself. */
  record State(Routed routed, Derived derived, INDArray preActivation) {}

  private final Routing routing = layerConf().routing();
  private final KernelDerivation derivation = layerConf().derivation();

  public DynamicConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  State prepare(INDArray x, Pass pass) {
    Routed routed = routing.forward(x, pass);
    Derived derived = derivation.forward(pass.param(KERNEL), routed.output(), pass);
    return new State(
        routed,
        derived,
        convolution.prepare(routed.output(), derived.kernel(), pass.param(BIAS), pass));
  }

  @Override
  INDArray forward(INDArray x, State s, Pass pass) {
    return convolution.forward(
        s.routed.output(), s.derived.kernel(), pass.param(BIAS), s.preActivation, pass);
  }

  @Override
  INDArray backward(INDArray x, State s, INDArray gradOut, Pass pass) {
    INDArray gradKernel = pass.scratch(s.derived.kernel().shape());
    INDArray gradRouted = pass.gradient(s.routed.output().shape());
    convolution.backward(
        s.routed.output(),
        s.derived.kernel(),
        s.preActivation,
        gradOut,
        gradRouted,
        gradKernel,
        gradientViews.get(BIAS));
    INDArray throughKernel =
        s.derived.backward(gradKernel, gradientViews.get(KERNEL), gradientViews, pass);
    if (throughKernel != null) {
      gradRouted.addi(throughKernel);
    }
    if (layerConf().isFrozenKernel()) {
      // What does not learn has no gradient: no norm may count it.
      gradientViews.get(KERNEL).assign(0);
      if (hasBias()) {
        gradientViews.get(BIAS).assign(0);
      }
    }
    return s.routed.backward(gradRouted, gradientViews, pass);
  }
}
