/**
 * Inference at the hardware's speed: {@link org.kerneldna.inference.CompiledNetwork} traces a graph
 * into steps, folds them, and runs them on oneDNN.
 */
package org.kerneldna.inference;
