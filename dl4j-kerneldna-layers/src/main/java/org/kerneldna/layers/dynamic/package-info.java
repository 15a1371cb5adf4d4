/**
 * The family of dynamic convolutions. Its members differ in how they derive their kernel, a {@link
 * org.kerneldna.layers.dynamic.KernelDerivation}, and in how they route their input, a {@link
 * org.kerneldna.layers.dynamic.Routing}. KernelDNA's are {@link
 * org.kerneldna.layers.dynamic.StaticModulation} and {@link org.kerneldna.layers.dynamic.Gate}.
 */
package org.kerneldna.layers.dynamic;
