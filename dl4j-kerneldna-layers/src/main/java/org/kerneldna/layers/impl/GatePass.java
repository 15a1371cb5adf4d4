package org.kerneldna.layers.impl;

import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.math.Normalization.Moments;
import org.kerneldna.layers.params.GateParameters;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One forward and backward pass through a gate, with the arrays between them kept. */
final class GatePass {

  private static final double DECAY = 0.9;

  private final String layerName;
  private final boolean frozenStatistics;
  private final Channels channels;
  private final Gate gate;
  private Gate.State state;

  GatePass(String layerName, CNN2DFormat format, boolean frozenStatistics) {
    this.layerName = layerName;
    this.frozenStatistics = frozenStatistics;
    this.channels = new Channels(format);
    this.gate = new Gate(format, Gate.EPS);
  }

  /**
   * Gates {@code x}.
   *
   * @throws DL4JInvalidInputException if {@code x} does not fit, or if asked to train on a batch of
   *     one, whose statistics say nothing
   */
  INDArray forward(
      INDArray x, Map<String, INDArray> params, boolean training, LayerWorkspaceMgr workspaces) {
    InputShape.requireImages(layerName, x, channels, params.get(GateParameters.B2).length());
    boolean ofBatch = training && !frozenStatistics;
    if (ofBatch && x.size(0) == 1) {
      throw new DL4JInvalidInputException(
          "Gate of layer \""
              + layerName
              + "\" cannot train on a batch of 1: its batch normalisation sees one value per"
              + " channel. Use a batch of 2 or more, drop an incomplete last batch, or freeze the"
              + " statistics");
    }
    Moments running = ofBatch ? null : GateParameters.running(params);
    Gate.State opened = gate.open(x, GateParameters.weights(params), running);
    state = training ? keep(opened, workspaces) : null;
    INDArray out =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    return gate.apply(x, opened, out);
  }

  /** Computes all gradients, returning that of {@code x}. */
  INDArray backward(
      INDArray x,
      Map<String, INDArray> params,
      INDArray gradOut,
      Map<String, INDArray> gradients,
      LayerWorkspaceMgr workspaces) {
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    gate.backward(
        x,
        GateParameters.weights(params),
        state,
        !frozenStatistics,
        gradOut,
        gradX,
        GateParameters.weights(gradients));
    updateStatistics(x.size(0), params, gradients);
    return gradX;
  }

  void clear() {
    state = null;
  }

  private void updateStatistics(
      long samples, Map<String, INDArray> params, Map<String, INDArray> gradients) {
    INDArray mean = gradients.get(GateParameters.MEAN);
    INDArray variance = gradients.get(GateParameters.VARIANCE);
    if (frozenStatistics) {
      mean.assign(0);
      variance.assign(0);
    } else {
      Normalization.runningUpdate(
          GateParameters.running(params), state.moments(), DECAY, samples, mean, variance);
    }
  }

  /** The state where it outlives the forward pass of the layer. */
  private static Gate.State keep(Gate.State s, LayerWorkspaceMgr workspaces) {
    return new Gate.State(
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.pooled()),
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.hidden()),
        s.moments(),
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.active()),
        workspaces.leverageTo(ArrayType.ACTIVATIONS, s.gate()));
  }
}
