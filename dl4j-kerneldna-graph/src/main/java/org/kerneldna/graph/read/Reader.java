package org.kerneldna.graph.read;

/**
 * Reads one class of DL4J's configurations into the graph language: a layer, a vertex, a
 * preprocessor or an activation function.
 */
@FunctionalInterface
public interface Reader<C> {

  /**
   * Adds nodes to {@code reading} and says which value they give, or {@link Reading#leave leaves}
   * the vertex to DL4J.
   */
  void read(C configuration, Reading reading);
}
