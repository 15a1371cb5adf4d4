package org.kerneldna.layers.params;

import java.util.Arrays;
import org.kerneldna.graph.read.Reading;

/**
 * One parameter of a layer.
 *
 * @param key its name in the layer's parameter table; without underscores, as DL4J prefixes it with
 *     the layer's name and an underscore
 * @param role what it is to the layer, which decides how it starts and what applies to it
 * @param shape its shape, stored in C order
 */
public record Parameter(String key, Role role, long... shape) {

  /** How many numbers it has. */
  public long length() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** Reads it from a layer into a program, and returns the name of its value. */
  public String read(Reading reading) {
    return role.isStatistic() ? reading.statistic(key, shape) : reading.parameter(key, shape);
  }

  /** What a parameter is to its layer. */
  public enum Role {
    /** Starts by the layer's weight initialisation, with fan-in the product of shape[1:]. */
    WEIGHT,
    /** Starts at the layer's bias initialisation; has the bias's updater and regularisation. */
    BIAS,
    /** A child's static modulation: starts at 0, where the child's kernel is the parent's. */
    MODULATION,
    /** A normalisation's gamma: starts at 1. */
    GAIN,
    /** A normalisation's beta: starts at 0; has the bias's updater and regularisation. */
    OFFSET,
    /** A running mean: starts at 0, is no parameter to the updater. */
    RUNNING_MEAN,
    /** A running variance: starts at 1, is no parameter to the updater. */
    RUNNING_VARIANCE;

    /** Whether it is a statistic that training keeps, rather than something that it learns. */
    public boolean isStatistic() {
      return this == RUNNING_MEAN || this == RUNNING_VARIANCE;
    }

    boolean isWeight() {
      return this == WEIGHT || this == MODULATION;
    }

    boolean isBias() {
      return this == BIAS || this == OFFSET;
    }
  }
}
