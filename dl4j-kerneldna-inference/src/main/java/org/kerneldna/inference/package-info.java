/**
 * Inference at the hardware's speed, and elsewhere: {@link org.kerneldna.inference.CompiledNetwork}
 * traces a graph into steps, folds them, and runs them on oneDNN; {@link
 * org.kerneldna.inference.OnnxFile} writes them for other programs.
 */
package org.kerneldna.inference;
