package org.kerneldna.jmh;

import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.layers.math.Gate;
import org.kerneldna.layers.params.GateParameters;
import org.kerneldna.layers.params.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A gate in training, with a quarter of the channels as hidden units. */
final class GateStep {

  private static final int REDUCTION = 4;

  private final Gate gate = new Gate(CNN2DFormat.NCHW, Gate.EPS);
  private final INDArray x;
  private final INDArray gated;
  private final INDArray gradX;
  private final Gate.Weights weights;
  private final Gate.Weights gradients;
  private final Gate.State state;

  GateStep(INDArray x) {
    this.x = x;
    this.gated = x.ulike();
    this.gradX = x.ulike();
    this.weights = weights(x.size(1));
    this.gradients = weights(x.size(1));
    this.state = gate.open(x, weights, null);
  }

  private static Gate.Weights weights(long channels) {
    Map<String, INDArray> table =
        GateParameters.of(channels, channels / REDUCTION).stream()
            .collect(Collectors.toMap(Parameter::key, p -> Operation.random(p.shape())));
    return GateParameters.weights(table);
  }

  /** The gated activations. */
  INDArray forward() {
    return gate.apply(x, gate.open(x, weights, null), gated);
  }

  /** The gradient of the activations; those of the parameters are computed with it. */
  INDArray backward(INDArray gradGated) {
    gate.backward(x, weights, state, true, gradGated, gradX, gradients);
    return gradX;
  }
}
