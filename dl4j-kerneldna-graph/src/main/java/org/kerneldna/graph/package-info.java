/**
 * A language for networks: {@link org.kerneldna.graph.Program} is a network as nodes, {@link
 * org.kerneldna.graph.Operation} the sealed family of what a node computes. {@code read} reads
 * DL4J's graphs, {@code pass} rewrites programs, {@code count} counts them; what runs them or
 * writes them for others is an {@link org.kerneldna.graph.Operation.Visitor}.
 */
package org.kerneldna.graph;
