/**
 * A language for networks. A {@link org.kerneldna.graph.Program} is a network as a list of nodes,
 * and {@link org.kerneldna.graph.Operation} the sealed family of what a node computes. {@code read}
 * reads DL4J's graphs into it, {@code pass} rewrites programs, and {@code count} counts their size.
 * A backend, which runs programs or writes them in another format, is an {@link
 * org.kerneldna.graph.Operation.Visitor}.
 */
package org.kerneldna.graph;
