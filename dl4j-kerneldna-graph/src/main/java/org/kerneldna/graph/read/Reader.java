package org.kerneldna.graph.read;

/**
 * Says in the language what one class of DL4J's configurations computes: a layer's, a vertex's, a
 * preprocessor's or an activation function's.
 */
@FunctionalInterface
public interface Reader<C> {

  /**
   * Adds the nodes, and says which value they give; or leaves it to DL4J, see {@link
   * Reading#leave}.
   */
  void read(C configuration, Reading reading);
}
