/**
 * Spaces of KernelDNA's convolutions for a graph that an Arbiter user searches: {@link
 * org.kerneldna.sweep.arbiter.KernelDNAConvolutionSpace} for one that stands alone, {@link
 * org.kerneldna.sweep.arbiter.KernelDNAGraphSpace} for those that share kernels.
 */
package org.kerneldna.sweep.arbiter;
