package org.kerneldna.inference;

import java.util.Map;
import java.util.Optional;
import org.kerneldna.layers.Gelu;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** An elementwise function that a step can end with. */
enum Nonlinearity {
  IDENTITY,
  RELU,
  /** {@code min(max(x, 0), 6)}. */
  RELU6,
  /** The exact one, see {@link Gelu}. */
  GELU,
  SIGMOID,
  TANH;

  private static final Map<Class<?>, Nonlinearity> OF =
      Map.of(
          ActivationIdentity.class, IDENTITY,
          ActivationReLU.class, RELU,
          ActivationReLU6.class, RELU6,
          Gelu.class, GELU,
          ActivationSigmoid.class, SIGMOID,
          ActivationTanH.class, TANH);

  /** Ours for DL4J's; nothing for those without one, or with options. */
  static Optional<Nonlinearity> of(IActivation activation) {
    boolean plain =
        !(activation instanceof ActivationReLU relu) || relu.equals(new ActivationReLU());
    return plain ? Optional.ofNullable(OF.get(activation.getClass())) : Optional.empty();
  }
}
