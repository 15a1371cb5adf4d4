package org.kerneldna.layers.impl;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Conv2d;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution, its bias and its activation function, forward and backward. */
final class ConvolutionPass {

  private final ConvolutionLayer conf;
  private final IActivation activation;
  private final Channels channels;
  private final Conv2d convolution;

  ConvolutionPass(ConvolutionLayer conf, IActivation activation) {
    this.conf = conf;
    this.activation = activation;
    this.channels = new Channels(conf.getCnn2dDataFormat());
    this.convolution = new Conv2d(conf, conf instanceof DepthwiseConvolution);
  }

  /**
   * @throws DL4JInvalidInputException if {@code x} is not images of {@code nIn} channels
   */
  void check(INDArray x, long nIn) {
    InputShape.requireImages(conf.getLayerName(), x, channels, nIn);
  }

  /**
   * @throws DL4JInvalidInputException if {@code x} and {@code kernel} do not fit together, or the
   *     kernel is none of this convolution
   */
  void check(INDArray x, INDArray kernel) {
    InputShape.requireSamples(conf.getLayerName(), x);
    InputShape.requireKernel(conf, x, kernel);
    check(x, kernel.size(kernel.rank() - 3));
  }

  /** The pre-activation output, so that backward need not compute it again; null if linear. */
  INDArray prepare(INDArray x, INDArray kernel, INDArray bias, Pass pass) {
    return isLinear() ? null : convolve(x, kernel, bias, pass);
  }

  /**
   * Computes the output.
   *
   * @param preActivation of {@link #prepare}; written over by inference
   */
  INDArray forward(INDArray x, INDArray kernel, INDArray bias, INDArray preActivation, Pass pass) {
    if (isLinear()) {
      return convolve(x, kernel, bias, pass);
    }
    INDArray out =
        pass.training()
            ? pass.activations(preActivation.shape()).assign(preActivation)
            : preActivation;
    return activation.getActivation(out, pass.training());
  }

  /**
   * Computes all gradients.
   *
   * @param preActivation of {@link #prepare}
   * @param gradX receives the gradient of {@code x}; null if it is not wanted
   * @param gradBias receives the gradient of the bias; null if there is none
   */
  void backward(
      INDArray x,
      INDArray kernel,
      INDArray preActivation,
      INDArray gradOut,
      INDArray gradX,
      INDArray gradKernel,
      INDArray gradBias) {
    INDArray delta = isLinear() ? gradOut : activation.backprop(preActivation, gradOut).getFirst();
    convolution.backward(x, kernel, delta, gradX, gradKernel);
    if (gradBias != null) {
      channels.sum(delta, gradBias);
    }
  }

  private INDArray convolve(INDArray x, INDArray kernel, INDArray bias, Pass pass) {
    return convolution.forward(x, kernel, bias, pass.activations(convolution.outputShape(x)));
  }

  private boolean isLinear() {
    return activation instanceof ActivationIdentity;
  }
}
