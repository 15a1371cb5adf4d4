package org.kerneldna.layers.impl;

import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.layers.math.Channels;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.math.Normalization;
import org.kerneldna.layers.params.GateParameters;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A gate, forward and backward, and the running statistics of its normalisation. */
final class GatePass {

  private static final double DECAY = 0.9;

  private final String layerName;
  private final boolean frozenStatistics;
  private final Channels channels;
  private final Gate gate;

  GatePass(String layerName, CNN2DFormat format, boolean frozenStatistics) {
    this.layerName = layerName;
    this.frozenStatistics = frozenStatistics;
    this.channels = new Channels(format);
    this.gate = new Gate(format, Gate.EPS);
  }

  /**
   * @throws DL4JInvalidInputException if {@code x} is not images of {@code nIn} channels
   */
  void check(INDArray x, long nIn) {
    InputShape.requireImages(layerName, x, channels, nIn);
  }

  /**
   * Computes the gate.
   *
   * @throws DL4JInvalidInputException if asked to train on a batch of one, whose statistics say
   *     nothing
   */
  Gate.State open(INDArray x, Pass pass) {
    if (usesBatch(pass) && x.size(0) == 1) {
      throw new DL4JInvalidInputException(
          "Gate of layer \""
              + layerName
              + "\" cannot train on a batch of 1: its batch normalisation sees one value per"
              + " channel. Use a batch of 2 or more, drop an incomplete last batch, or freeze the"
              + " statistics");
    }
    Gate.State s =
        gate.open(
            x,
            GateParameters.weights(pass.params()),
            usesBatch(pass) ? null : GateParameters.running(pass.params()));
    return new Gate.State(
        pass.keep(s.pooled()),
        pass.keep(s.hidden()),
        s.moments(),
        pass.keep(s.active()),
        pass.keep(s.gate()));
  }

  INDArray apply(INDArray x, Gate.State state, Pass pass) {
    return gate.apply(x, state, pass.activations(x.shape()));
  }

  /** Computes all gradients, returning that of {@code x}. */
  INDArray backward(
      INDArray x, Gate.State state, INDArray gradOut, Map<String, INDArray> gradients, Pass pass) {
    INDArray gradX = pass.gradient(x.shape());
    gate.backward(
        x,
        GateParameters.weights(pass.params()),
        state,
        usesBatch(pass),
        gradOut,
        gradX,
        GateParameters.weights(gradients));
    INDArray mean = gradients.get(GateParameters.MEAN);
    INDArray variance = gradients.get(GateParameters.VARIANCE);
    if (usesBatch(pass)) {
      Normalization.runningUpdate(
          GateParameters.running(pass.params()), state.moments(), DECAY, x.size(0), mean, variance);
    } else {
      mean.assign(0);
      variance.assign(0);
    }
    return gradX;
  }

  private boolean usesBatch(Pass pass) {
    return pass.training() && !frozenStatistics;
  }
}
