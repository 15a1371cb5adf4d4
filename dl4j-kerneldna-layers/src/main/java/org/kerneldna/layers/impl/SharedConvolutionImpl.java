package org.kerneldna.layers.impl;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.dynamic.Pass;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link SharedConvolution}. */
public class SharedConvolutionImpl extends BaseGraphVertex {

  private final ConvolutionPass convolution;

  public SharedConvolutionImpl(
      ComputationGraph graph,
      String name,
      int index,
      ConvolutionLayer geometry,
      DataType dataType) {
    super(graph, name, index, null, null, dataType);
    this.convolution = new ConvolutionPass(geometry, new ActivationIdentity());
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    if (!canDoForward()) {
      throw new IllegalStateException(
          "Cannot run \"" + vertexName + "\" forward: activations or kernel not set");
    }
    convolution.check(inputs[0], kernel());
    Pass pass = pass(training, workspaces);
    return convolution.forward(pass.cast(inputs[0]), kernel(), null, null, pass);
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    if (!canDoBackward()) {
      throw new IllegalStateException(
          "Cannot run \"" + vertexName + "\" backward: inputs or errors not set");
    }
    Pass pass = pass(true, workspaces);
    INDArray gradKernel = pass.gradient(kernel().shape());
    INDArray gradX = pass.gradient(inputs[0].shape());
    convolution.backward(pass.cast(inputs[0]), kernel(), null, epsilon, gradX, gradKernel, null);
    return new Pair<>(null, new INDArray[] {gradX, gradKernel});
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    if (gradients != null) {
      throw new IllegalStateException("\"" + vertexName + "\" has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int minibatchSize) {
    return new Pair<>(masks == null ? null : masks[0], state);
  }

  @Override
  public String toString() {
    return "SharedConvolution(name=\"" + vertexName + "\")";
  }

  private Pass pass(boolean training, LayerWorkspaceMgr workspaces) {
    return new Pass(Map.of(), training, dataType, workspaces);
  }

  private INDArray kernel() {
    return inputs[1];
  }
}
