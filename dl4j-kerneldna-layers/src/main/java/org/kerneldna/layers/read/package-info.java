/** Readers of this library's layers into the graph language. */
package org.kerneldna.layers.read;
