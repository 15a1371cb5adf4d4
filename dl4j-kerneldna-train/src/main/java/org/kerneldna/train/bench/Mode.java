package org.kerneldna.train.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What is timed. */
public enum Mode {
  /** The output for a batch. */
  INFERENCE,
  /** One step on a batch: forward, backward and update. */
  TRAINING;

  /** The name in small letters. */
  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
