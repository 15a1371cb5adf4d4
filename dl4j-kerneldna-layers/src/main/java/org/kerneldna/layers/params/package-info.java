/** The parameters of layers: their names and shapes, how they start, and what applies to them. */
package org.kerneldna.layers.params;
