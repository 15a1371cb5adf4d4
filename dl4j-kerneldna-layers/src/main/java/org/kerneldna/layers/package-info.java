/**
 * The layers of KernelDNA (arXiv 2503.23379) for Deeplearning4j, and those that its networks need
 * besides: configurations, as a user writes them. {@link org.kerneldna.layers.KernelDNA} builds
 * parents and children into a graph; {@link org.kerneldna.layers.KernelDNAConvolution} is such a
 * convolution by itself. What runs a configuration is in {@link org.kerneldna.layers.impl}.
 *
 * <p>Every layer applies {@code dropOut} to its input and {@code weightNoise} to its weights, and
 * to its biases if the noise is for those; DL4J's own normalisations and activation layers do not.
 * The layers that a convolution of a graph is made of have no dropout of their own: it is on the
 * convolution's activations.
 *
 * <p>Gradient normalisation and clipping are of what a layer learns. Running statistics follow the
 * batches as if there were none.
 */
package org.kerneldna.layers;
