/**
 * Passes that rewrite programs: {@link org.kerneldna.graph.pass.Inference} keeps what inference
 * needs, {@link org.kerneldna.graph.pass.Folding} puts constants into kernels, and {@link
 * org.kerneldna.graph.pass.Fusion} joins nodes.
 */
package org.kerneldna.graph.pass;
