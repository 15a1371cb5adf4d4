package org.nd4j.nativeblas;

import org.kerneldna.layers.natives.Backend;

/**
 * Where DL4J 1.0.0-M2.1 asks, by reflection, whether its layer helpers may use oneDNN.
 *
 * <p>ND4J has moved the class of this name to another package and DL4J was not told, so the
 * question fails and every helper is thrown away. This answers it. Nothing else should use it.
 */
public final class Nd4jCpu {

  private Nd4jCpu() {}

  /** The two methods that DL4J looks for. */
  public static final class Environment {

    private static final Environment INSTANCE = new Environment();

    private Environment() {}

    /** The only instance. */
    public static Environment getInstance() {
      return INSTANCE;
    }

    /** Whether {@link Backend#oneDnn() oneDNN is usable}. */
    public boolean isUseMKLDNN() {
      return Backend.oneDnn();
    }
  }
}
