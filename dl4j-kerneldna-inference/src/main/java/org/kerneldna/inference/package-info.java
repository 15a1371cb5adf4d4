/**
 * Inference at the hardware's speed, and elsewhere: {@link org.kerneldna.inference.CompiledNetwork}
 * runs what a graph says in the graph language on oneDNN; {@link org.kerneldna.inference.OnnxFile}
 * writes it for other programs.
 */
package org.kerneldna.inference;
