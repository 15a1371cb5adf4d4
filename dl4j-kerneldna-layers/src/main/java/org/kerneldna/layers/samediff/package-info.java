/** KernelDNA defined in SameDiff, ND4J's automatic differentiation. */
package org.kerneldna.layers.samediff;
