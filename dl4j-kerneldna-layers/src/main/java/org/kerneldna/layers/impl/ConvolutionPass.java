package org.kerneldna.layers.impl;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Conv2d;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One forward and backward pass through a convolution, its bias and its activation function. The
 * pre-activation output is kept in between, so that backward need not compute it again.
 */
final class ConvolutionPass {

  private final ConvolutionLayer conf;
  private final IActivation activation;
  private final Conv2d convolution;
  private final Channels channels;
  private INDArray preActivation;

  ConvolutionPass(ConvolutionLayer conf, IActivation activation) {
    this.conf = conf;
    this.activation = activation;
    this.convolution = new Conv2d(conf);
    this.channels = new Channels(conf.getCnn2dDataFormat());
  }

  INDArray forward(
      INDArray x, INDArray kernel, INDArray bias, boolean training, LayerWorkspaceMgr workspaces) {
    InputShape.requireImages(conf.getLayerName(), x, channels, kernel.size(1));
    INDArray z =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, x.dataType(), convolution.outputShape(x), 'c');
    convolution.forward(x, kernel, bias, z);
    if (activation instanceof ActivationIdentity) {
      return z;
    }
    preActivation = training ? z : null;
    INDArray out = training ? workspaces.dup(ArrayType.ACTIVATIONS, z) : z;
    return activation.getActivation(out, training);
  }

  /**
   * Computes all gradients, returning that of {@code x}.
   *
   * @param gradBias receives the gradient of the bias; null if there is none
   */
  INDArray backward(
      INDArray x,
      INDArray kernel,
      INDArray gradOut,
      INDArray gradKernel,
      INDArray gradBias,
      LayerWorkspaceMgr workspaces) {
    INDArray delta =
        activation instanceof ActivationIdentity
            ? gradOut
            : activation.backprop(preActivation, gradOut).getFirst();
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    convolution.backward(x, kernel, delta, gradX, gradKernel);
    if (gradBias != null) {
      channels.sum(delta, gradBias);
    }
    return gradX;
  }

  void clear() {
    preActivation = null;
  }
}
