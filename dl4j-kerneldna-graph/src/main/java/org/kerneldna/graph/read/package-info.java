/**
 * Reading DL4J's graphs into the language: {@link org.kerneldna.graph.read.GraphReader} is the way
 * in. Each class of configurations has a {@link org.kerneldna.graph.read.Reader}, and a library
 * brings those of its own by a {@link org.kerneldna.graph.read.Readers.Provider}. What has no
 * reader is left to DL4J.
 */
package org.kerneldna.graph.read;
