package org.kerneldna.layers.params;

import java.util.List;
import org.kerneldna.layers.params.Parameter.Role;

/**
 * The names of a gate's parameters: {@code gateW1} [hidden, C], {@code gateGamma}, {@code
 * gateBeta}, {@code gateMean}, {@code gateVar} [hidden], {@code gateW2} [C, hidden], {@code gateB2}
 * [C].
 */
public final class GateParameters {

  public static final String W1 = "gateW1";
  public static final String GAMMA = "gateGamma";
  public static final String BETA = "gateBeta";
  public static final String MEAN = "gateMean";
  public static final String VARIANCE = "gateVar";
  public static final String W2 = "gateW2";
  public static final String B2 = "gateB2";

  private GateParameters() {}

  /** The parameters of a gate on {@code channels} channels. */
  public static List<Parameter> of(long channels, long hidden) {
    return List.of(
        new Parameter(W1, Role.WEIGHT, hidden, channels),
        new Parameter(GAMMA, Role.GAIN, hidden),
        new Parameter(BETA, Role.OFFSET, hidden),
        new Parameter(MEAN, Role.RUNNING_MEAN, hidden),
        new Parameter(VARIANCE, Role.RUNNING_VARIANCE, hidden),
        new Parameter(W2, Role.WEIGHT, channels, hidden),
        new Parameter(B2, Role.BIAS, channels));
  }
}
