package org.kerneldna.sweep.space;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which static modulations children have. */
public enum Modulation {
  /** As the paper has it; a 1x1 kernel has only its filters' in any case. */
  @JsonProperty("both")
  BOTH(true, true),
  /** One number per kernel position. */
  @JsonProperty("spatial")
  SPATIAL(true, false),
  /** One number per filter. */
  @JsonProperty("filter")
  FILTER(false, true),
  /** The parent's kernel as it is. */
  @JsonProperty("none")
  NONE(false, false);

  final boolean spatial;
  final boolean filter;

  Modulation(boolean spatial, boolean filter) {
    this.spatial = spatial;
    this.filter = filter;
  }
}
