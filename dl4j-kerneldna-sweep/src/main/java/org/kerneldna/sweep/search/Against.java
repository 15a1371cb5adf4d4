package org.kerneldna.sweep.search;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.function.ToDoubleFunction;
import org.kerneldna.sweep.trial.Cost;

/** What top-1 is weighed against. */
public enum Against {
  @JsonProperty("parameters")
  PARAMETERS("parameters", Cost::parameters),
  @JsonProperty("macs")
  MACS("multiply-accumulates", Cost::macs),
  /** Milliseconds of a forward pass of one image. */
  @JsonProperty("latency")
  LATENCY("latency in ms", Cost::latencyMs);

  private final String title;
  private final ToDoubleFunction<Cost> figure;

  Against(String title, ToDoubleFunction<Cost> figure) {
    this.title = title;
    this.figure = figure;
  }

  /** The figure that shall be low. */
  public double of(Cost cost) {
    return figure.applyAsDouble(cost);
  }

  /** For people. */
  public String title() {
    return title;
  }
}
