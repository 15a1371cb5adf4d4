package org.kerneldna.layers.natives;

import static org.deeplearning4j.config.DL4JSystemProperties.DISABLE_HELPER_PROPERTY;

import org.nd4j.linalg.env.EnvironmentalAction;

/**
 * Switches on DL4J's oneDNN helpers for its own convolution, pooling and batch normalisation
 * layers, once, when ND4J starts.
 *
 * <p>DL4J leaves them off unless the system property {@code
 * org.eclipse.deeplearning4j.helpers.disable} is {@code false} when a layer is made. This sets it
 * to {@code false} where {@link Backend#oneDnn() oneDNN is usable}; a value that the user has set,
 * of either kind, stays as it is.
 *
 * <p>Where a helper cannot do a layer (ND4J 1.0.0-M2.1: dilated convolutions), DL4J logs a warning
 * on its first batch and goes on without, unless the layer forbids it by {@code
 * cudnnAllowFallback(false)}.
 */
public final class LayerHelpers implements EnvironmentalAction {

  /**
   * Sets the property. ND4J finds this class as a service and makes one at the end of its start,
   * before a network can have made a layer: every network allocates its parameters first.
   */
  public LayerHelpers() {
    if (System.getProperty(DISABLE_HELPER_PROPERTY) == null && Backend.oneDnn()) {
      System.setProperty(DISABLE_HELPER_PROPERTY, "false");
    }
  }

  /** A name that nobody sets: making the service is all that is needed. */
  @Override
  public String targetVariable() {
    return LayerHelpers.class.getName();
  }

  /** Does nothing. */
  @Override
  public void process(String value) {}
}
