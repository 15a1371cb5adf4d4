package org.kerneldna.jmh;

import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.kerneldna.layers.dynamic.Gate;
import org.kerneldna.layers.dynamic.Pass;
import org.kerneldna.layers.dynamic.Routing.Routed;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A gate in training, with a quarter of the channels as hidden units. */
final class GateStep {

  private static final int REDUCTION = 4;

  private final INDArray x;
  private final Gate gate;
  private final Pass pass;
  private final Map<String, INDArray> gradients;
  private final Routed routed;

  GateStep(INDArray x) {
    this.x = x;
    this.gate = new Gate("gate", CNN2DFormat.NCHW, x.size(1), REDUCTION, false);
    this.pass = Operation.training(gate.parameters());
    this.gradients = Operation.random(gate.parameters());
    this.routed = route();
  }

  private Routed route() {
    return gate.forward(x, pass);
  }

  /** The gated activations. */
  INDArray forward() {
    return route().output();
  }

  /** The gradient of the activations; those of the parameters are computed with it. */
  INDArray backward(INDArray gradGated) {
    return routed.backward(gradGated, gradients, pass);
  }
}
