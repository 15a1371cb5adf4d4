/**
 * Rewriting of programs: {@link org.kerneldna.graph.pass.Inference} leaves what inference needs,
 * {@link org.kerneldna.graph.pass.Fusion} makes fewer nodes of that.
 */
package org.kerneldna.graph.pass;
