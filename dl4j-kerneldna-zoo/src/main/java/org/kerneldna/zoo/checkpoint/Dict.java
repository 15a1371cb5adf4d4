package org.kerneldna.zoo.checkpoint;

import static org.kerneldna.zoo.checkpoint.CheckpointException.quote;

import java.util.Map;
import java.util.Optional;

/** A dictionary of {@link PlainValues} whose entries have to be of certain types. */
record Dict(Map<?, ?> values) {

  /**
   * The value of {@code key}, if there is one and it is not None.
   *
   * @throws CheckpointException if it is of another type
   */
  <T> Optional<T> find(Object key, Class<T> type) {
    Object value = values.get(key);
    if (value != null && !type.isInstance(value)) {
      throw new CheckpointException(
          String.format("%s should be a %s", quote(key), type.getSimpleName()));
    }
    return Optional.ofNullable(type.cast(value));
  }

  /**
   * The value of {@code key}.
   *
   * @throws CheckpointException if there is none, or it is of another type
   */
  <T> T get(Object key, Class<T> type) {
    return find(key, type).orElseThrow(() -> new CheckpointException(quote(key) + " is missing"));
  }
}
