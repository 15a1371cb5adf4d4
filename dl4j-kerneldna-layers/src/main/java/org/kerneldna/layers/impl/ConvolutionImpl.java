package org.kerneldna.layers.impl;

import static org.kerneldna.layers.Convolution.BIAS;
import static org.kerneldna.layers.Convolution.KERNEL;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.kerneldna.layers.Convolution;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link Convolution} and {@link DepthwiseConvolution}. */
public class ConvolutionImpl extends ConvolutionTemplate<Convolution, INDArray> {

  private boolean skipsInputGradient;

  public ConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  INDArray prepare(INDArray x, Pass pass) {
    return convolution.prepare(x, pass.param(KERNEL), pass.param(BIAS), pass);
  }

  @Override
  INDArray forward(INDArray x, INDArray preActivation, Pass pass) {
    return convolution.forward(x, pass.param(KERNEL), pass.param(BIAS), preActivation, pass);
  }

  @Override
  INDArray backward(INDArray x, INDArray preActivation, INDArray gradOut, Pass pass) {
    INDArray gradX = skipsInputGradient ? null : pass.gradient(x.shape());
    convolution.backward(
        x,
        pass.param(KERNEL),
        preActivation,
        gradOut,
        gradX,
        gradientViews.get(KERNEL),
        gradientViews.get(BIAS));
    return gradX;
  }

  /** Computes no gradient of the input from now on; it is null. */
  public void skipInputGradient() {
    skipsInputGradient = true;
  }
}
