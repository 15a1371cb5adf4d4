/**
 * Turns a trained network of plain convolutions into one with KernelDNA: {@link
 * org.kerneldna.layers.adapt.Adapter} finds convolutions that compute much the same, lets them
 * share a kernel, and leaves a network from which to fine-tune; {@link
 * org.kerneldna.layers.adapt.AdaptersOnly} restricts that to the few parameters that are new.
 */
package org.kerneldna.layers.adapt;
