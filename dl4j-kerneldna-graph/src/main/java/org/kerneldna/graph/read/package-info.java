/**
 * Reading DL4J's graphs: one {@link org.kerneldna.graph.read.Reader} for each class of
 * configurations, more of which a library brings by a {@link
 * org.kerneldna.graph.read.Readers.Provider}. What has no reader is left to DL4J.
 */
package org.kerneldna.graph.read;
