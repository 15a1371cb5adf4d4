package org.kerneldna.graph.read;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * All readers there are, by the exact class that they read: a subclass may compute something else.
 */
public final class Readers {

  private static final Readers ALL = new Readers();

  private final Map<Class<?>, Reader<?>> readers = new HashMap<>();

  /**
   * Brings readers for the configurations of a library. Found by {@link ServiceLoader}; a class
   * that several bring is read by the one that comes last.
   */
  @FunctionalInterface
  public interface Provider {
    void addTo(Readers readers);
  }

  private Readers() {
    new StockReaders().addTo(this);
    ServiceLoader.load(Provider.class, Readers.class.getClassLoader())
        .forEach(provider -> provider.addTo(this));
  }

  /** Reads configurations of just this class by {@code reader}. */
  public <C> Readers add(Class<C> configuration, Reader<? super C> reader) {
    readers.put(configuration, reader);
    return this;
  }

  /** The reader of a configuration, if there is one. */
  @SuppressWarnings("unchecked")
  static Optional<Reader<Object>> of(Object configuration) {
    return Optional.ofNullable((Reader<Object>) ALL.readers.get(configuration.getClass()));
  }
}
