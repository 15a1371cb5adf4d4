package org.kerneldna.layers.impl;

import java.util.function.Function;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.kerneldna.layers.DepthwiseConvolution;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Conv2d;
import org.kerneldna.layers.math.DepthwiseConv2d;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution, its bias and its activation function, forward and backward. */
final class ConvolutionPass {

  private interface Forward {
    INDArray run(INDArray x, INDArray kernel, INDArray bias, INDArray out);
  }

  private interface Backward {
    void run(INDArray x, INDArray kernel, INDArray gradOut, INDArray gradX, INDArray gradKernel);
  }

  private final ConvolutionLayer conf;
  private final IActivation activation;
  private final Channels channels;
  private final Function<INDArray, long[]> outputShape;
  private final Forward forward;
  private final Backward backward;

  private ConvolutionPass(
      ConvolutionLayer conf,
      IActivation activation,
      Function<INDArray, long[]> outputShape,
      Forward forward,
      Backward backward) {
    this.conf = conf;
    this.activation = activation;
    this.channels = new Channels(conf.getCnn2dDataFormat());
    this.outputShape = outputShape;
    this.forward = forward;
    this.backward = backward;
  }

  static ConvolutionPass of(ConvolutionLayer conf, IActivation activation) {
    Conv2d math = new Conv2d(conf);
    return new ConvolutionPass(conf, activation, math::outputShape, math::forward, math::backward);
  }

  static ConvolutionPass ofDepthwise(DepthwiseConvolution conf) {
    DepthwiseConv2d math = new DepthwiseConv2d(conf);
    return new ConvolutionPass(
        conf, conf.getActivationFn(), math::outputShape, math::forward, math::backward);
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
   * @param gradX receives the gradient of {@code x}; null if nobody wants it
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
    backward.run(x, kernel, delta, gradX, gradKernel);
    if (gradBias != null) {
      channels.sum(delta, gradBias);
    }
  }

  private INDArray convolve(INDArray x, INDArray kernel, INDArray bias, Pass pass) {
    return forward.run(x, kernel, bias, pass.activations(outputShape.apply(x)));
  }

  private boolean isLinear() {
    return activation instanceof ActivationIdentity;
  }
}
